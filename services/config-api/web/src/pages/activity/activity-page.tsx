import { Button, Center, Loader, Stack, VisuallyHidden } from "@mantine/core"
import { useIntersection } from "@mantine/hooks"
import { IconFilterOff, IconInbox } from "@tabler/icons-react"
import { useEffect, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import type { Settled } from "@/app/feed"
import { EmptyState } from "@/components/empty-state"
import { LinkButton } from "@/components/links"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { DraftDrawer } from "./draft-drawer"
import { Filters } from "./filters"
import { LiveSign } from "./live-sign"
import { byDay, Messages } from "./messages"
import { type ActivitySearch, isFiltered } from "./search"
import { useActivity } from "./use-activity"
import { useRetry } from "./use-retry"

interface ActivityPageProps {
  organisationId: string
  search: ActivitySearch
  onSearch: (search: ActivitySearch) => void
}

export function ActivityPage({ organisationId, search, onSearch }: ActivityPageProps) {
  const { t } = useTranslation("activity")
  const [paused, setPaused] = useState(false)
  const [looked, setLooked] = useState<Settled>()
  const mailboxes = useMailboxes(organisationId)
  const { list, messages, live, arrived } = useActivity(organisationId, search, paused)
  const retry = useRetry(organisationId, messages)
  const byId = new Map(mailboxes.map(mailbox => [mailbox.id, mailbox]))
  return (
    <>
      <PageHeader title={t("title")} text={t("text")}>
        <LiveSign live={live} onPause={setPaused} />
      </PageHeader>
      <Filters organisationId={organisationId} mailboxes={mailboxes} search={search} onChange={onSearch} />
      <VisuallyHidden role="status">
        {arrived.length > 0 && t("arrived", { count: arrived.length })}
      </VisuallyHidden>
      {list.isPending && <Waiting />}
      <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
      {list.isSuccess && messages.length === 0 && (
        <Nothing organisationId={organisationId} filtered={isFiltered(search)} onReset={() => onSearch({})} />
      )}
      {messages.length > 0 && (
        <Messages days={byDay(messages)} mailboxes={byId} onLook={setLooked} {...{ arrived, retry }} />
      )}
      {list.hasNextPage && (
        <More
          loading={list.isFetchingNextPage}
          failed={list.isFetchNextPageError}
          onMore={() => void list.fetchNextPage()}
        />
      )}
      <DraftDrawer
        organisationId={organisationId}
        message={looked}
        provider={looked && byId.get(looked.mailbox_id)?.provider}
        onClose={() => setLooked(undefined)}
      />
    </>
  )
}

function useMailboxes(organisationId: string) {
  const params = { path: { organisation_id: organisationId }, query: { limit: 200 } }
  return (
    api.useQuery("get", "/api/v1/organisations/{organisation_id}/mailboxes", { params }).data?.items ?? []
  )
}

interface MoreProps {
  loading: boolean
  failed: boolean
  onMore: () => void
}

/** Goes on by itself when it comes into view; the button is for those who do not scroll, and for after a fault. */
function More({ loading, failed, onMore }: MoreProps) {
  const { t } = useTranslation("activity")
  const { ref, entry } = useIntersection({ rootMargin: "400px" })
  const due = entry?.isIntersecting && !loading && !failed
  // biome-ignore lint/correctness/useExhaustiveDependencies: onMore is another function with every rendering
  useEffect(() => {
    if (due) onMore()
  }, [due])
  return (
    <Center ref={ref} py="lg">
      {loading ? (
        <Loader size="sm" />
      ) : (
        <Button variant="default" onClick={onMore}>
          {t("more")}
        </Button>
      )}
    </Center>
  )
}

interface NothingProps {
  organisationId: string
  filtered: boolean
  onReset: () => void
}

function Nothing({ organisationId, filtered, onReset }: NothingProps) {
  const { t } = useTranslation("activity")
  if (filtered) {
    return (
      <EmptyState icon={IconFilterOff} title={t("empty.filtered")} text={t("empty.filteredText")}>
        <Button variant="light" onClick={onReset}>
          {t("filter.reset")}
        </Button>
      </EmptyState>
    )
  }
  return (
    <Stack>
      <EmptyState icon={IconInbox} title={t("empty.title")} text={t("empty.text")}>
        <LinkButton to="/organisations/$organisationId/mailboxes" params={{ organisationId }}>
          {t("empty.mailboxes")}
        </LinkButton>
      </EmptyState>
    </Stack>
  )
}
