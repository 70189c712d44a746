import { Anchor, Button, Card, Group, Table, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { IconShieldCheck } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { EmptyState } from "@/components/empty-state"
import { BY_CURSOR, More } from "@/components/more"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"

const FILTERS = ["action", "outcome", "user_name", "address", "actor", "organisation_id"] as const
const NOTHING = {
  action: "",
  outcome: "",
  user_name: "",
  address: "",
  actor: "",
  organisation_id: "",
  since: "",
  until: "",
}
type Filters = typeof NOTHING

export function AuditPage() {
  const { t } = useTranslation("operator")
  const [filters, setFilters] = useState<Filters>(NOTHING)
  const asked = Object.fromEntries(Object.entries(toQuery(filters)).filter(([, value]) => value))
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/operator/audit/entries",
    { params: { query: { limit: 100, ...asked } } },
    BY_CURSOR,
  )
  const entries = query.data?.pages.flatMap(page => page.items) ?? []
  return (
    <>
      <PageHeader title={t("audit.title")} text={t("audit.text")}>
        <Anchor href={`/api/v1/operator/audit/entries.csv?${new URLSearchParams(asked)}`} download>
          {t("audit.csv")}
        </Anchor>
      </PageHeader>
      <FilterForm onChange={setFilters} />
      <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Waiting />}
      {query.isSuccess && entries.length === 0 && (
        <EmptyState icon={IconShieldCheck} title={t("audit.none")} text={t("audit.noneText")} />
      )}
      {entries.length > 0 && <Entries entries={entries} />}
      <More query={query} />
    </>
  )
}

/** The fields hold days; the API wants moments. */
function toQuery({ since, until, ...others }: Filters): Partial<Filters> {
  return {
    ...others,
    since: since && new Date(`${since}T00:00`).toISOString(),
    until: until && new Date(`${until}T23:59:59`).toISOString(),
  }
}

function FilterForm({ onChange }: { onChange: (filters: Filters) => void }) {
  const { t } = useTranslation("operator")
  const form = useForm({ initialValues: NOTHING })
  return (
    <Card withBorder mb="md">
      <form onSubmit={form.onSubmit(onChange)} onReset={() => onChange(NOTHING)}>
        <Group align="flex-end">
          {FILTERS.map(name => (
            <TextInput key={name} flex="1 1 160px" label={t(`audit.${name}`)} {...form.getInputProps(name)} />
          ))}
          <TextInput type="date" label={t("audit.since")} {...form.getInputProps("since")} />
          <TextInput type="date" label={t("audit.until")} {...form.getInputProps("until")} />
          <Button type="submit">{t("audit.search")}</Button>
          <Button type="reset" variant="default" onClick={form.reset}>
            {t("audit.reset")}
          </Button>
        </Group>
      </form>
    </Card>
  )
}

const COLUMNS = ["occurred_at", "action", "outcome", "user_name", "address", "actor"] as const

function Entries({ entries }: { entries: Schema<"Entry">[] }) {
  const { t } = useTranslation("operator")
  const { dateTime } = useFormats()
  return (
    <Table.ScrollContainer
      minWidth={760}
      type="native"
      role="region"
      aria-label={t("audit.title")}
      tabIndex={0}
    >
      <Table striped>
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map(name => (
              <Table.Th key={name}>{t(`audit.${name}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map(entry => (
            <Table.Tr key={entry.id}>
              {COLUMNS.map(name => (
                <Table.Td key={name}>
                  {name === "occurred_at" ? dateTime(entry.occurred_at) : entry[name]}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
