import { Button, Group } from "@mantine/core"
import { IconCircleCheck } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { EmptyState } from "@/components/empty-state"
import { LinkButton } from "@/components/links"
import type { Place } from "../data/place"
import { useTakeBack } from "../history/use-take-back"

interface SummaryProps {
  place: Place
  done: Schema<"ImportDone">
  onAgain: () => void
}

const KINDS = ["added", "changed", "unchanged", "removed"] as const

/** What the import has done; it can be taken back as a whole. */
export function Summary({ place, done, onAgain }: SummaryProps) {
  const { t } = useTranslation("knowledge")
  const takeBack = useTakeBack(place)
  const [undone, setUndone] = useState(false)
  const counts = KINDS.filter(kind => done[kind] > 0).map(kind => t(`history.${kind}`, { count: done[kind] }))
  const { change_set } = done
  return (
    <EmptyState
      icon={IconCircleCheck}
      title={undone ? t("undo.done") : t("import.done")}
      text={undone ? t("import.asBefore") : `${counts.join(", ")}.`}
    >
      <Group justify="center">
        <LinkButton
          to="/organisations/$organisationId/assistants/$assistantId/knowledge"
          params={{ organisationId: place.organisation_id, assistantId: place.assistant_id }}
        >
          {t("toKnowledge")}
        </LinkButton>
        {change_set && !undone && (
          <Button
            variant="default"
            loading={takeBack.isPending}
            onClick={() => takeBack.mutate(change_set, { onSuccess: () => setUndone(true) })}
          >
            {t("history.takeBack")}
          </Button>
        )}
        <Button variant="subtle" onClick={onAgain}>
          {t("import.again")}
        </Button>
      </Group>
    </EmptyState>
  )
}
