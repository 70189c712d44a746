import { api, type Schema } from "@/api/client"
import { useOrganisations } from "@/app/account"
import { useAssistants } from "@/app/current"

const EVERY_MINUTE = 60_000

/** What there is in an organisation, and how it is. */
export interface House {
  organisation: Schema<"OrganisationPublic"> | undefined
  assistants: Schema<"AssistantPublic">[]
  mailboxes: Schema<"MailboxPublic">[] | undefined
  plan: Schema<"PlanPublic"> | undefined
}

export function useHouse(organisationId: string): House {
  const path = { organisation_id: organisationId }
  const organisation = useOrganisations().find(({ id }) => id === organisationId)
  const assistants = useAssistants(organisationId)
  const mailboxes = api.useQuery(
    "get",
    "/api/v1/organisations/{organisation_id}/mailboxes",
    { params: { path, query: { limit: 200 } } },
    { refetchInterval: EVERY_MINUTE },
  )
  const plan = api.useQuery("get", "/api/v1/organisations/{organisation_id}/plan", { params: { path } })
  return { organisation, assistants, mailboxes: mailboxes.data?.items, plan: plan.data }
}
