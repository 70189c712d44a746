import { Alert, Button, Group, Stack, Text } from "@mantine/core"
import { IconAlertTriangle } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { ENTRY_FIELDS, type Entry, fieldOf } from "./data/fields"
import type { Edits } from "./data/use-edits"

const MOST = 5

/** What could not be saved, why, and the way on. What was typed stays in its cell meanwhile. */
export function FailedCells({ edits, entries }: { edits: Edits; entries: Entry[] }) {
  const { t } = useTranslation("knowledge")
  const failed = Object.entries(edits.marks).flatMap(([id, marks]) =>
    ENTRY_FIELDS.flatMap(field =>
      marks[field]?.state === "failed" ? [{ id, field, mark: marks[field] }] : [],
    ),
  )
  if (failed.length === 0) return null
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconAlertTriangle aria-hidden />} mb="sm">
      <Stack gap="xs">
        {failed.slice(0, MOST).map(({ id, field, mark }) => {
          const entry = entries.find(each => each.id === id)
          const what = t(`field.${field}`)
          return (
            <Group key={`${id}/${field}`} justify="space-between" gap="xs">
              <Text size="sm">
                {t("failed.text", {
                  what,
                  about: entry?.question || mark.text.slice(0, 40),
                  reason: mark.reason,
                })}
              </Text>
              <Group gap="xs">
                {entry && (
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => edits.save(entry, fieldOf(field, mark.text))}
                  >
                    {t("failed.again")}
                  </Button>
                )}
                <Button size="xs" variant="subtle" color="red" onClick={() => edits.forget(id, field)}>
                  {t("failed.discard")}
                </Button>
              </Group>
            </Group>
          )
        })}
        {failed.length > MOST && <Text size="sm">{t("failed.more", { count: failed.length - MOST })}</Text>}
      </Stack>
    </Alert>
  )
}
