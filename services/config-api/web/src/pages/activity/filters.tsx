import { Button, Group, Select } from "@mantine/core"
import { IconX } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useAssistants } from "@/app/current"
import { REASONS, useReason } from "@/app/reasons"
import { type ActivitySearch, DAYS, isFiltered, OUTCOMES } from "./search"

interface FiltersProps {
  organisationId: string
  mailboxes: Schema<"MailboxPublic">[]
  search: ActivitySearch
  onChange: (search: ActivitySearch) => void
}

export function Filters({ organisationId, mailboxes, search, onChange }: FiltersProps) {
  const { t } = useTranslation("activity")
  const assistants = useAssistants(organisationId)
  const reasons = useReasons(search)
  const choose = (changed: ActivitySearch) => onChange({ ...search, ...changed })
  const common = { clearable: true, flex: "1 1 140px", placeholder: t("filter.all") }
  return (
    <Group role="search" aria-label={t("filter.title")} gap="sm" align="flex-end" mb="lg">
      <Select
        {...common}
        label={t("filter.days")}
        data={DAYS.map(days => ({ value: String(days), label: t("filter.lastDays", { count: days }) }))}
        value={search.days ? String(search.days) : null}
        onChange={days => choose({ days: days ? Number(days) : undefined })}
      />
      <Select
        {...common}
        label={t("filter.outcome")}
        data={OUTCOMES.map(outcome => ({ value: outcome, label: t(`outcome.${outcome}`) }))}
        value={search.outcome ?? null}
        onChange={outcome => choose({ outcome: OUTCOMES.find(one => one === outcome), reason: undefined })}
      />
      <Select
        {...common}
        label={t("filter.reason")}
        data={reasons}
        searchable
        nothingFoundMessage={t("filter.nothing")}
        value={search.reason ?? null}
        onChange={reason => choose({ reason: reason ?? undefined })}
        disabled={search.outcome === "drafted"}
      />
      {mailboxes.length > 1 && (
        <Select
          {...common}
          label={t("filter.mailbox")}
          data={mailboxes.map(({ id, address }) => ({ value: id, label: address }))}
          value={search.mailbox ?? null}
          onChange={mailbox => choose({ mailbox: mailbox ?? undefined })}
        />
      )}
      {assistants.length > 1 && (
        <Select
          {...common}
          label={t("filter.assistant")}
          data={assistants.map(({ id, name }) => ({ value: id, label: name }))}
          value={search.assistant ?? null}
          onChange={assistant => choose({ assistant: assistant ?? undefined })}
        />
      )}
      {isFiltered(search) && (
        <Button variant="subtle" leftSection={<IconX size={16} />} onClick={() => onChange({})}>
          {t("filter.reset")}
        </Button>
      )}
    </Group>
  )
}

function useReasons({ outcome }: ActivitySearch) {
  const { t } = useTranslation("activity")
  const reasonOf = useReason()
  const kinds = (["skipped", "failed"] as const).filter(kind => !outcome || outcome === kind)
  return kinds.map(kind => ({
    group: t(`outcome.${kind}`),
    items: REASONS[kind]
      .map(reason => ({ value: reason as string, label: reasonOf(reason) }))
      .sort((a, b) => a.label.localeCompare(b.label)),
  }))
}
