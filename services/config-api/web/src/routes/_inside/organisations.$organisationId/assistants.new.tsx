import { createFileRoute } from "@tanstack/react-router"
import { NewAssistantPage } from "@/pages/assistant/new-page"

export const Route = createFileRoute("/_inside/organisations/$organisationId/assistants/new")({
  component: NewAssistant,
})

function NewAssistant() {
  return <NewAssistantPage {...Route.useParams()} />
}
