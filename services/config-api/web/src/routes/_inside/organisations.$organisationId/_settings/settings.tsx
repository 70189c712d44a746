import { createFileRoute } from "@tanstack/react-router"
import { DetailsPage } from "@/pages/organisation/details-page"

export const Route = createFileRoute("/_inside/organisations/$organisationId/_settings/settings")({
  component: Page,
})

function Page() {
  const { organisationId } = Route.useParams()
  return <DetailsPage organisationId={organisationId} />
}
