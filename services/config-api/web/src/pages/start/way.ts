import { getRouteApi, useNavigate } from "@tanstack/react-router"
import { api, type Schema } from "@/api/client"
import { useOrganisations } from "@/app/account"
import { useRefresh } from "@/app/refresh"

export const WAY = ["organisation", "assistant", "mailbox", "draft"] as const
export type Step = (typeof WAY)[number]

/** Where somebody is on the way in; it stands in the address, so that the back button works. */
export interface Place {
  step?: Step
  organisation?: string
  /** Shows a sample's draft, though there is a mailbox. */
  sample?: boolean
  /** When the mail arrived whose draft is waited for. */
  mail?: string
}

export function placeOf(search: Record<string, unknown>): Place {
  const text = (value: unknown) => (typeof value === "string" ? value : undefined)
  return {
    step: WAY.find(step => step === search.step),
    organisation: text(search.organisation),
    sample: search.sample === true ? true : undefined,
    mail: text(search.mail),
  }
}

export function usePlace(): Place {
  return getRouteApi("/_inside/start").useSearch()
}

export function useGo(): (place: Place) => void {
  const navigate = useNavigate()
  return place => void navigate({ to: "/start", search: place })
}

export interface Begun {
  organisation: Schema<"OrganisationPublic"> | undefined
  assistant: Schema<"AssistantPublic"> | undefined
  mailbox: Schema<"MailboxPublic"> | undefined
}

const NONE = "00000000-0000-0000-0000-000000000000"
const ALL = { limit: 200 }

/** What is there already of this organisation, or of the first; `undefined` while it is not known. */
export function useBegun(place: Place): { begun: Begun | undefined; error: unknown; refetch: () => void } {
  const organisations = useOrganisations()
  const anew = place.step === "organisation" && !place.organisation
  const organisation = anew
    ? undefined
    : (organisations.find(({ id }) => id === place.organisation) ?? organisations[0])
  const init = { params: { path: { organisation_id: organisation?.id ?? NONE }, query: ALL } }
  const enabled = { enabled: organisation !== undefined }
  const assistants = api.useQuery("get", "/api/v1/organisations/{organisation_id}/assistants", init, enabled)
  const mailboxes = api.useQuery("get", "/api/v1/organisations/{organisation_id}/mailboxes", init, enabled)
  const refetch = () => {
    void assistants.refetch()
    void mailboxes.refetch()
  }
  const error = assistants.error ?? mailboxes.error
  if (!organisation) {
    return { begun: { organisation, assistant: undefined, mailbox: undefined }, error: undefined, refetch }
  }
  if (!assistants.data || !mailboxes.data) return { begun: undefined, error, refetch }
  const mailbox = mailboxes.data.items.at(-1)
  const assistant =
    assistants.data.items.find(({ id }) => id === mailbox?.assistant_id) ?? assistants.data.items[0]
  return { begun: { organisation, assistant, mailbox }, error: undefined, refetch }
}

/** The step that is next, given what is there. */
export function nextStep({ organisation, assistant, mailbox }: Begun): Step {
  if (!organisation) return "organisation"
  if (!assistant) return "assistant"
  return mailbox ? "draft" : "mailbox"
}

/** Whether the step's own beginnings are there; a sample's draft needs no mailbox. */
export function mayBe(step: Step, { organisation, assistant }: Begun): boolean {
  if (step === "organisation") return true
  if (step === "assistant") return organisation !== undefined
  return assistant !== undefined
}

/** To be called after each step: shows what has been made, everywhere. */
export function useRemember(): () => Promise<void> {
  const refresh = useRefresh()
  return () =>
    refresh(
      "/api/v1/organisations",
      "/api/v1/organisations/{organisation_id}/assistants",
      "/api/v1/organisations/{organisation_id}/mailboxes",
    )
}
