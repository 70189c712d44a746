import { createFileRoute } from "@tanstack/react-router"
import { KeysPage } from "@/pages/organisation/keys-page"

export const Route = createFileRoute("/_inside/organisations/$organisationId/_settings/keys")({
  component: Page,
})

function Page() {
  const { organisationId } = Route.useParams()
  return <KeysPage organisationId={organisationId} />
}
