import { Anchor, Group, Loader, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useFormats } from "@/app/format"

interface StatusLineProps {
  shown: number
  total: number
  complete: boolean
  filtered: boolean
  keys: boolean
  onReset: () => void
}

/** Below the table: how much there is, what is on its way, and which keys do what. */
export function StatusLine(props: StatusLineProps) {
  const { shown, total, complete, filtered, keys, onReset } = props
  const { t } = useTranslation("knowledge")
  const { number } = useFormats()
  return (
    <Group justify="space-between" gap="xs" mt="xs">
      <Group gap="sm" role="status">
        <Text size="sm" c="dimmed">
          {filtered
            ? t("status.found", { count: shown, shown: number(shown), total: number(total) })
            : t("status.all", { count: total, total: number(total) })}
        </Text>
        {filtered && (
          <Anchor component="button" type="button" size="sm" onClick={onReset}>
            {t("status.reset")}
          </Anchor>
        )}
        {!complete && (
          <Group gap={6}>
            <Loader size={14} />
            <Text size="sm" c="dimmed">
              {t("status.loading")}
            </Text>
          </Group>
        )}
      </Group>
      {keys && (
        <Text size="xs" c="dimmed">
          {t("table.keys")}
        </Text>
      )}
    </Group>
  )
}
