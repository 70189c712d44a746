import { Button, Card, Group, Progress, Stack, Text, Title } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { useReason } from "@/app/reasons"
import { LinkAnchor } from "@/components/links"
import { type OverviewSearch, USUAL_PERIOD } from "./search"

const FIRST = 6

interface ReasonsCardProps {
  organisationId: string
  reasons: Schema<"ReasonCount">[]
  search: OverviewSearch
}

/** Why there was no draft, the most frequent first; each leads to the mails that it is about. */
export function ReasonsCard({ organisationId, reasons, search }: ReasonsCardProps) {
  const { t } = useTranslation("overview")
  const [all, { toggle }] = useDisclosure()
  const most = Math.max(1, ...reasons.map(({ count }) => count))
  const days = search.days ?? USUAL_PERIOD
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="reasons-title">
      <Title order={2} size="h4" id="reasons-title" mb="md">
        {t("reasons.title")}
      </Title>
      <Stack gap="sm">
        {reasons.length === 0 && <Text c="dimmed">{t("reasons.none")}</Text>}
        {(all ? reasons : reasons.slice(0, FIRST)).map(({ outcome, reason, count }) => (
          <Reason
            key={`${outcome} ${reason}`}
            {...{ outcome, reason, count, most, organisationId }}
            search={{ ...search, days }}
          />
        ))}
        {reasons.length > FIRST && (
          <Group>
            <Button variant="subtle" size="xs" onClick={toggle} aria-expanded={all}>
              {all ? t("reasons.fewer") : t("reasons.all", { count: reasons.length })}
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  )
}

interface ReasonProps extends Schema<"ReasonCount"> {
  most: number
  organisationId: string
  search: OverviewSearch
}

function Reason({ outcome, reason, count, most, organisationId, search }: ReasonProps) {
  const { t } = useTranslation("overview")
  const { number } = useFormats()
  const reasonOf = useReason()
  return (
    <Stack gap={4}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <LinkAnchor
          size="sm"
          to="/organisations/$organisationId/activity"
          params={{ organisationId }}
          search={{ ...search, outcome, reason }}
        >
          {outcome === "failed" ? t("reasons.failed", { reason: reasonOf(reason) }) : reasonOf(reason)}
        </LinkAnchor>
        <Text size="sm" fw={600}>
          {number(count)}
        </Text>
      </Group>
      <Progress
        value={(100 * count) / most}
        size="sm"
        color={outcome === "failed" ? "red" : "gray.6"}
        aria-hidden
      />
    </Stack>
  )
}
