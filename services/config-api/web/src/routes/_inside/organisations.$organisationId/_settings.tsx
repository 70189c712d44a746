import { createFileRoute, Outlet } from "@tanstack/react-router"
import { OrganisationTabs } from "@/pages/organisation/tabs"

export const Route = createFileRoute("/_inside/organisations/$organisationId/_settings")({
  component: Layout,
})

function Layout() {
  const { organisationId } = Route.useParams()
  return (
    <>
      <OrganisationTabs organisationId={organisationId} />
      <Outlet />
    </>
  )
}
