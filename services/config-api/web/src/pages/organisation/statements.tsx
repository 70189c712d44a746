import { Anchor, Badge, Card, Group, Stack, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { ProblemAlert } from "@/components/problem-alert"

const FORMATS = ["pdf", "csv", "json"] as const

/** What every month came to, for the books. */
export function Statements({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("organisation")
  const params = { path: { organisation_id: organisationId } }
  const path = "/api/v1/organisations/{organisation_id}/usage/statements"
  const { data, error, refetch } = api.useQuery("get", path, { params })
  return (
    <Card withBorder padding="lg" component="section">
      <Title order={2} size="h4" mb="sm">
        {t("statements.title")}
      </Title>
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {data?.items.length === 0 && <Text c="dimmed">{t("statements.none")}</Text>}
      <Stack component="ul" gap="xs" p={0} m={0}>
        {data?.items.map(statement => (
          <Statement key={statement.month} statement={statement} organisationId={organisationId} />
        ))}
      </Stack>
    </Card>
  )
}

interface StatementProps {
  statement: Schema<"StatementSummary">
  organisationId: string
}

function Statement({ statement, organisationId }: StatementProps) {
  const { t } = useTranslation("organisation")
  const { day, money } = useFormats()
  const month = day(`${statement.month}-01`, { month: "long", year: "numeric" })
  const file = `/api/v1/organisations/${organisationId}/usage/statements/${statement.month}`
  return (
    <Group component="li" justify="space-between" gap="sm">
      <Group gap="xs">
        <Text fw={550}>{month}</Text>
        {statement.preliminary && <Badge variant="light">{t("statements.preliminary")}</Badge>}
        <Text size="sm" c="dimmed">
          {t("statements.drafts", { count: statement.drafted })} · {money(statement.gross)}
        </Text>
      </Group>
      <Group gap="md">
        {FORMATS.map(format => (
          <Anchor
            key={format}
            href={`${file}?format=${format}`}
            download
            size="sm"
            aria-label={t("statements.as", { month, format: format.toUpperCase() })}
          >
            {format.toUpperCase()}
          </Anchor>
        ))}
      </Group>
    </Group>
  )
}
