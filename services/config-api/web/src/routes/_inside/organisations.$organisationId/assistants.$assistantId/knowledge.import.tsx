import { createFileRoute } from "@tanstack/react-router"
import { useMemo } from "react"
import { ImportPage } from "@/pages/knowledge/import/import-page"

export const Route = createFileRoute(
  "/_inside/organisations/$organisationId/assistants/$assistantId/knowledge/import",
)({ component: KnowledgeImport })

function KnowledgeImport() {
  const { organisationId, assistantId } = Route.useParams()
  const place = useMemo(
    () => ({ organisation_id: organisationId, assistant_id: assistantId }),
    [organisationId, assistantId],
  )
  return <ImportPage key={assistantId} place={place} />
}
