import { useParams } from "@tanstack/react-router"
import { useEffect } from "react"
import { api, type Schema } from "@/api/client"
import { useOrganisations } from "@/app/account"

interface Current {
  organisations: Schema<"OrganisationPublic">[]
  /** The one that the address names, or else the one looked at last, or the first. */
  organisation: Schema<"OrganisationPublic"> | undefined
  assistants: Schema<"AssistantPublic">[]
  assistant: Schema<"AssistantPublic"> | undefined
}

/** What the navigation leads to: the organisation and assistant one is working on. */
export function useCurrent(): Current {
  const organisations = useOrganisations()
  const params = useParams({ strict: false })
  const organisation = chosen(organisations, params.organisationId, "organisation")
  const assistants = useAssistants(organisation?.id)
  const assistant = chosen(assistants, params.assistantId, `assistant:${organisation?.id}`)
  useEffect(() => {
    if (organisation) localStorage.setItem("last:organisation", organisation.id)
    if (organisation && assistant) localStorage.setItem(`last:assistant:${organisation.id}`, assistant.id)
  }, [organisation, assistant])
  return { organisations, organisation, assistants, assistant }
}

export function useAssistants(organisationId: string | undefined): Schema<"AssistantPublic">[] {
  return useAssistantsQuery(organisationId).data?.items ?? []
}

export function useAssistantsQuery(organisationId: string | undefined) {
  return api.useQuery(
    "get",
    "/api/v1/organisations/{organisation_id}/assistants",
    { params: { path: { organisation_id: organisationId ?? "" }, query: { limit: 200 } } },
    { enabled: organisationId !== undefined },
  )
}

function chosen<Item extends { id: string }>(
  items: Item[],
  named: string | undefined,
  kind: string,
): Item | undefined {
  const wanted = named ?? localStorage.getItem(`last:${kind}`)
  return items.find(({ id }) => id === wanted) ?? items[0]
}
