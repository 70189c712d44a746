import { Alert, Button, Card, Group, Progress, Stack, Text } from "@mantine/core"
import { IconAlertTriangle, IconDownload } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { Problem } from "@/api/problem"
import { useFormats } from "@/app/format"
import { LinkButton } from "@/components/links"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { ExportSection } from "@/pages/account/export-section"

const POLL_MILLISECONDS = 1500

/** Where the mail leads that says an export is ready, and where one waits for it. */
export function ExportPage({ jobId }: { jobId: string }) {
  const { t } = useTranslation("account")
  const job = api.useQuery(
    "get",
    "/api/v1/account/export/{job_id}",
    { params: { path: { job_id: jobId } } },
    { refetchInterval: ({ state }) => (isUnderWay(state.data) ? POLL_MILLISECONDS : false) },
  )
  const gone = job.error instanceof Problem && [404, 422].includes(job.error.status)
  return (
    <Stack maw={760}>
      <PageHeader title={t("export.title")} text={t("export.pageText")}>
        <LinkButton to="/account" search={{ tab: "data" }} variant="default">
          {t("export.back")}
        </LinkButton>
      </PageHeader>
      {job.isPending && <Waiting />}
      {gone && (
        <>
          <Alert variant="light" color="blue" role="status">
            {t("export.gone")}
          </Alert>
          <ExportSection />
        </>
      )}
      {!gone && <ProblemAlert error={job.error} onRetry={() => void job.refetch()} />}
      {isUnderWay(job.data) && <UnderWay job={job.data} />}
      {job.data?.state === "ready" && <Ready job={job.data} />}
      {job.data?.state === "failed" && (
        <>
          <Alert variant="light" color="red" role="alert" icon={<IconAlertTriangle aria-hidden />}>
            {t("export.failed")}
          </Alert>
          <ExportSection />
        </>
      )}
    </Stack>
  )
}

type Job = Schema<"ExportPublic">

function isUnderWay(job: Job | undefined): job is Job {
  return job?.state === "waiting" || job?.state === "running"
}

function UnderWay({ job }: { job: Job }) {
  const { t } = useTranslation("account")
  const { number } = useFormats()
  const share = job.rows_total ? Math.min(1, job.rows_done / job.rows_total) : 0
  return (
    <Card withBorder radius="lg" p="lg">
      <Text fw={500} role="status" mb="sm">
        {job.state === "waiting" ? t("export.waiting") : t("export.running")}
      </Text>
      <Progress.Root size="lg">
        <Progress.Section
          value={job.rows_total ? share * 100 : 100}
          animated={!job.rows_total}
          striped={!job.rows_total}
          aria-label={t("export.progress")}
        />
      </Progress.Root>
      <Text size="sm" c="dimmed" mt="sm">
        {job.rows_total
          ? t("export.rows", { done: number(job.rows_done), total: number(job.rows_total) })
          : t("export.leave")}
      </Text>
    </Card>
  )
}

function Ready({ job }: { job: Job }) {
  const { t } = useTranslation("account")
  const { dateTime, number } = useFormats()
  const kilobytes = number(Math.max(1, Math.round(job.size / 1024)))
  return (
    <Card withBorder radius="lg" p="lg">
      <Text fw={500} role="status">
        {t("export.ready")}
      </Text>
      <Text size="sm" c="dimmed" mt={4} mb="md">
        {t("export.until", { size: kilobytes, moment: dateTime(job.expires_at) })}
      </Text>
      <Group>
        <Button
          component="a"
          href={`/api/v1/account/export/${job.id}/download`}
          download
          leftSection={<IconDownload size={18} />}
        >
          {t("export.download")}
        </Button>
      </Group>
    </Card>
  )
}
