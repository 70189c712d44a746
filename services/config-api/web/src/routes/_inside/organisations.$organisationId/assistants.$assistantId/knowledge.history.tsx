import { createFileRoute } from "@tanstack/react-router"
import { useMemo } from "react"
import { HistoryPage } from "@/pages/knowledge/history/history-page"

export const Route = createFileRoute(
  "/_inside/organisations/$organisationId/assistants/$assistantId/knowledge/history",
)({ component: KnowledgeHistory })

function KnowledgeHistory() {
  const { organisationId, assistantId } = Route.useParams()
  const place = useMemo(
    () => ({ organisation_id: organisationId, assistant_id: assistantId }),
    [organisationId, assistantId],
  )
  return <HistoryPage key={assistantId} place={place} />
}
