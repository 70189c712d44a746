import { createFileRoute } from "@tanstack/react-router"
import { OverviewPage } from "@/pages/overview/overview-page"
import { overviewSearch } from "@/pages/overview/search"

export const Route = createFileRoute("/_inside/organisations/$organisationId/")({
  validateSearch: overviewSearch,
  component: Overview,
})

function Overview() {
  const { organisationId } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <OverviewPage
      key={organisationId}
      organisationId={organisationId}
      search={Route.useSearch()}
      onSearch={search => void navigate({ search, resetScroll: false })}
    />
  )
}
