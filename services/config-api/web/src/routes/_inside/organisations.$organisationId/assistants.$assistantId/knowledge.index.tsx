import { createFileRoute } from "@tanstack/react-router"
import { useCallback, useMemo } from "react"
import { type KnowledgeSearch, knowledgeSearch } from "@/pages/knowledge/data/search-params"
import { KnowledgePage } from "@/pages/knowledge/page"

export const Route = createFileRoute(
  "/_inside/organisations/$organisationId/assistants/$assistantId/knowledge/",
)({ validateSearch: knowledgeSearch, component: Knowledge })

function Knowledge() {
  const { organisationId, assistantId } = Route.useParams()
  const place = useMemo(
    () => ({ organisation_id: organisationId, assistant_id: assistantId }),
    [organisationId, assistantId],
  )
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  const change = useCallback(
    (changed: Partial<KnowledgeSearch>, replace = false) =>
      void navigate({ search: old => ({ ...old, ...changed }), replace, resetScroll: false }),
    [navigate],
  )
  return <KnowledgePage key={assistantId} place={place} search={search} onSearch={change} />
}
