import { createFileRoute } from "@tanstack/react-router"
import { MembersPage } from "@/pages/organisation/members-page"

export const Route = createFileRoute("/_inside/organisations/$organisationId/_settings/members")({
  component: Page,
})

function Page() {
  const { organisationId } = Route.useParams()
  return <MembersPage organisationId={organisationId} />
}
