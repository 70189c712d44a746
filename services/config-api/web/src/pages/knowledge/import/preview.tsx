import { Badge, Button, Divider, Group, Stack, Text, Title } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { ChangeView } from "../change-view"
import { Faults } from "./faults"

const AT_ONCE = 20
const COLORS = { added: "green", changed: "blue", unchanged: "gray", removed: "red" } as const
const COUNTS = ["added", "changed", "unchanged", "removed"] as const

/** What an import would do: how much of what, what is wrong with which rows, and each change, before and after. */
export function Preview({ preview }: { preview: Schema<"ImportPreview"> }) {
  const { t } = useTranslation("knowledge")
  const { number } = useFormats()
  const [most, setMost] = useState(AT_ONCE)
  const all = preview.added + preview.changed + preview.removed
  return (
    <Stack gap="md">
      <Group gap="xs">
        {COUNTS.filter(kind => preview[kind] > 0).map(kind => (
          <Badge key={kind} size="lg" variant="light" color={COLORS[kind]} tt="none">
            {t(`preview.${kind}`, { count: preview[kind], number: number(preview[kind]) })}
          </Badge>
        ))}
      </Group>
      {preview.ignored_columns.length > 0 && (
        <Text size="sm" c="dimmed">
          {t("preview.ignored", { columns: preview.ignored_columns.join(", ") })}
        </Text>
      )}
      {preview.faults > 0 && <Faults errors={preview.errors} count={preview.faults} />}
      {all === 0 && preview.faults === 0 && <Text>{t("preview.nothing")}</Text>}
      {all > 0 && (
        <Title order={3} size="h5">
          {t("preview.changes")}
        </Title>
      )}
      {preview.changes.slice(0, most).map(change => (
        <RowChange key={`${change.row}/${change.entry_id}`} change={change} />
      ))}
      {preview.changes.length > most && (
        <Group>
          <Button variant="default" size="xs" onClick={() => setMost(most + 5 * AT_ONCE)}>
            {t("preview.more", { count: preview.changes.length - most })}
          </Button>
        </Group>
      )}
      {all > preview.changes.length && (
        <Text size="sm" c="dimmed">
          {t("preview.rest", { count: all - preview.changes.length })}
        </Text>
      )}
    </Stack>
  )
}

const ACTION_COLORS = { add: "green", change: "blue", remove: "red" } as const

function RowChange({ change }: { change: Schema<"RowChange"> }) {
  const { t } = useTranslation("knowledge")
  const content = change.after ?? change.before
  return (
    <Stack gap={6}>
      <Divider />
      <Group gap="xs">
        <Badge variant="light" color={ACTION_COLORS[change.action]}>
          {t(`preview.action.${change.action}`)}
        </Badge>
        {change.row !== null && (
          <Text size="xs" c="dimmed">
            {t("preview.row", { row: change.row })}
          </Text>
        )}
        <Text size="sm" fw={600} flex={1} miw={160}>
          {content?.question || content?.answer.slice(0, 80)}
        </Text>
      </Group>
      <ChangeView before={change.before} after={change.after} />
    </Stack>
  )
}
