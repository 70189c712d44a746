import { createFileRoute } from "@tanstack/react-router"
import { PlaygroundPage } from "@/pages/playground/playground-page"

export const Route = createFileRoute(
  "/_inside/organisations/$organisationId/assistants/$assistantId/playground",
)({ component: Playground })

function Playground() {
  const { organisationId, assistantId } = Route.useParams()
  return <PlaygroundPage key={assistantId} organisationId={organisationId} assistantId={assistantId} />
}
