import { Stack } from "@mantine/core"
import { IconHistory } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { EmptyState } from "@/components/empty-state"
import { LinkButton } from "@/components/links"
import { BY_CURSOR, More } from "@/components/more"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { BackToKnowledge } from "../back"
import { CHANGES, type Place } from "../data/place"
import { usePeople } from "../data/use-people"
import { ChangeSetCard } from "./change-set-card"

/** What was changed, by whom and when, newest first. */
export function HistoryPage({ place }: { place: Place }) {
  const { t } = useTranslation("knowledge")
  const who = usePeople(place.organisation_id)
  const changes = api.useInfiniteQuery(
    "get",
    CHANGES,
    { params: { path: place, query: { limit: 50 } } },
    { ...BY_CURSOR, staleTime: 0 },
  )
  const sets = changes.data?.pages.flatMap(page => page.items) ?? []
  const undone = new Set(sets.map(({ undoes }) => undoes))
  return (
    <>
      <PageHeader title={t("history.title")} text={t("history.text")}>
        <BackToKnowledge place={place} />
      </PageHeader>
      {changes.isPending && <Waiting />}
      <ProblemAlert error={changes.error} onRetry={() => void changes.refetch()} />
      {changes.isSuccess && sets.length === 0 && (
        <EmptyState icon={IconHistory} title={t("history.empty.title")} text={t("history.empty.text")}>
          <LinkButton
            to="/organisations/$organisationId/assistants/$assistantId/knowledge"
            params={{ organisationId: place.organisation_id, assistantId: place.assistant_id }}
          >
            {t("toKnowledge")}
          </LinkButton>
        </EmptyState>
      )}
      <Stack component="ul" gap="sm" p={0} m={0}>
        {sets.map(set => (
          <ChangeSetCard
            key={set.id}
            place={place}
            set={set}
            who={who(set.actor)}
            undone={undone.has(set.id)}
          />
        ))}
      </Stack>
      <More query={changes} />
    </>
  )
}
