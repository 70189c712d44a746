import { createFileRoute } from "@tanstack/react-router"
import { ActivityPage } from "@/pages/activity/activity-page"
import { activitySearch } from "@/pages/activity/search"

export const Route = createFileRoute("/_inside/organisations/$organisationId/activity")({
  validateSearch: activitySearch,
  component: Activity,
})

function Activity() {
  const { organisationId } = Route.useParams()
  const navigate = Route.useNavigate()
  return (
    <ActivityPage
      key={organisationId}
      organisationId={organisationId}
      search={Route.useSearch()}
      onSearch={search => void navigate({ search, resetScroll: false })}
    />
  )
}
