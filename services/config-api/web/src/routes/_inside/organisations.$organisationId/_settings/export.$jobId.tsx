import { createFileRoute } from "@tanstack/react-router"
import { ExportPage } from "@/pages/organisation/export-page"

export const Route = createFileRoute("/_inside/organisations/$organisationId/_settings/export/$jobId")({
  component: Page,
})

function Page() {
  const { organisationId, jobId } = Route.useParams()
  return <ExportPage organisationId={organisationId} jobId={jobId} />
}
