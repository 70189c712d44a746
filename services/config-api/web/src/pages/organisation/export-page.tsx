import { Card } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { ExportJob, whileRunning } from "@/components/export-job"
import { PageHeader } from "@/components/page-header"

interface ExportPageProps {
  organisationId: string
  jobId: string
}

/** Where the mail "your export is ready" leads. */
export function ExportPage({ organisationId, jobId }: ExportPageProps) {
  const { t } = useTranslation("organisation")
  const path = "/api/v1/organisations/{organisation_id}/export/{job_id}"
  const params = { path: { organisation_id: organisationId, job_id: jobId } }
  const { data } = api.useSuspenseQuery(
    "get",
    path,
    { params },
    {
      refetchInterval: ({ state }) => whileRunning(state.data),
    },
  )
  return (
    <>
      <PageHeader title={t("privacy.exportTitle")} text={t("privacy.exportText")} />
      <Card withBorder padding="lg" maw={760}>
        <ExportJob job={data} download={`/api/v1/organisations/${organisationId}/export/${jobId}/download`} />
      </Card>
    </>
  )
}
