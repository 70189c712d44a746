import { Group, SegmentedControl, Select } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { type OverviewSearch, PERIODS, USUAL_PERIOD } from "./search"

interface ScopeProps {
  assistants: Schema<"AssistantPublic">[]
  search: OverviewSearch
  onChange: (search: OverviewSearch) => void
}

/** Of how many days, and of which assistant. */
export function Scope({ assistants, search, onChange }: ScopeProps) {
  const { t } = useTranslation("overview")
  return (
    <Group gap="sm">
      {assistants.length > 1 && (
        <Select
          aria-label={t("scope.assistant")}
          placeholder={t("scope.allAssistants")}
          data={assistants.map(({ id, name }) => ({ value: id, label: name }))}
          value={search.assistant ?? null}
          onChange={assistant => onChange({ ...search, assistant: assistant ?? undefined })}
          clearable
          w={210}
        />
      )}
      <SegmentedControl
        aria-label={t("scope.period")}
        data={PERIODS.map(days => ({ value: String(days), label: t("scope.days", { count: days }) }))}
        value={String(search.days ?? USUAL_PERIOD)}
        onChange={days => onChange({ ...search, days: Number(days) })}
      />
    </Group>
  )
}
