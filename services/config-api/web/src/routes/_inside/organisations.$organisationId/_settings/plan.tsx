import { createFileRoute } from "@tanstack/react-router"
import { PlanPage } from "@/pages/organisation/plan-page"

export const Route = createFileRoute("/_inside/organisations/$organisationId/_settings/plan")({
  component: Page,
})

function Page() {
  const { organisationId } = Route.useParams()
  return <PlanPage organisationId={organisationId} />
}
