import { Anchor, Group, Progress, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useFormats } from "@/app/format"

interface ExportJobProps {
  job: Schema<"ExportPublic">
  /** Where the finished archive is fetched from. */
  download: string
}

/** How far a collection of data is, and the archive once it is there. */
export function ExportJob({ job, download }: ExportJobProps) {
  const { t } = useTranslation()
  const { dateTime, number } = useFormats()
  if (job.state === "failed") return <Text role="alert">{t("export.failed")}</Text>
  if (job.state === "ready") {
    return (
      <Group gap="md">
        <Anchor href={download} download>
          {t("export.download", { megabytes: number(job.size / 1e6, { maximumFractionDigits: 1 }) })}
        </Anchor>
        <Text size="sm" c="dimmed">
          {t("export.until", { when: dateTime(job.expires_at) })}
        </Text>
      </Group>
    )
  }
  const share = job.rows_total ? (100 * job.rows_done) / job.rows_total : 0
  return (
    <Stack gap={4}>
      <Progress.Root size="lg">
        <Progress.Section value={share} aria-label={t("export.running")} animated />
      </Progress.Root>
      <Text size="sm" c="dimmed" role="status">
        {t("export.progress", { done: number(job.rows_done), total: number(job.rows_total ?? 0) })}
      </Text>
    </Stack>
  )
}

/** Every second while there is something to wait for. */
export function whileRunning(job: Schema<"ExportPublic"> | undefined): number | false {
  return job && ["waiting", "running"].includes(job.state) ? 1000 : false
}
