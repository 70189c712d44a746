import { createFileRoute } from "@tanstack/react-router"
import { AssistantPage } from "@/pages/assistant/assistant-page"

export const Route = createFileRoute("/_inside/organisations/$organisationId/assistants/$assistantId/")({
  component: Assistant,
})

function Assistant() {
  const params = Route.useParams()
  return <AssistantPage key={params.assistantId} {...params} />
}
