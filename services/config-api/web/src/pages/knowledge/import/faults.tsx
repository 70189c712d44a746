import { Alert, Stack, Text } from "@mantine/core"
import { IconAlertTriangle } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"

interface FaultsProps {
  errors: Schema<"FaultyCell">[]
  /** All of them; the first are named. */
  count: number
}

/** What has to be put right in the file, row by row, before anything is imported. */
export function Faults({ errors, count }: FaultsProps) {
  const { t } = useTranslation("knowledge")
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={t("faults.title", { count })}
    >
      <Stack gap={4} component="ul" m={0} pl="md">
        {errors.map(({ row, column, reason, detail }) => (
          <Text key={`${row}/${column}/${reason}`} component="li" size="sm">
            {column ? t("faults.cell", { row, column: t(`field.${column}`) }) : t("faults.row", { row })}{" "}
            {detail}
          </Text>
        ))}
      </Stack>
      {count > errors.length && (
        <Text size="sm" mt="xs">
          {t("faults.more", { count: count - errors.length })}
        </Text>
      )}
      <Text size="sm" mt="xs">
        {t("faults.text")}
      </Text>
    </Alert>
  )
}
