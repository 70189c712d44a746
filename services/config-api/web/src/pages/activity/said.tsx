import { Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Settled } from "@/app/feed"
import { useReason } from "@/app/reasons"

interface SaidProps {
  message: Settled
  underWay: boolean
  outdated: boolean
}

/** Why it ended as it did, or what a draft rests on and leaves open. */
export function Said({ message, underWay, outdated }: SaidProps) {
  const { t } = useTranslation("activity")
  const reasonOf = useReason()
  const drafted = message.outcome === "drafted"
  const lines = drafted
    ? [
        t("draft.entries", { count: message.knowledge_ids.length }),
        message.open_points > 0 && t("draft.open", { count: message.open_points }),
        message.needs_human && message.open_points === 0 && t("draft.needsHuman"),
      ]
    : [reasonOf(message.reason), outdated && t("retry.done"), underWay && t("retry.underWay")]
  return (
    <Stack gap={2}>
      {lines.map((line, i) =>
        typeof line === "string" ? (
          <Text key={line} size="sm" c={i > 0 ? "dimmed" : undefined}>
            {line}
          </Text>
        ) : null,
      )}
    </Stack>
  )
}
