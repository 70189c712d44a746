import { useEffect } from "react"
import { api } from "@/api/client"
import { type Attempt, keepAttempt } from "./attempt"

/** Takes the browser to the provider, whose pages lead it back to /connected. */
export function useLeave() {
  const begin = api.useMutation("post", "/api/v1/organisations/{organisation_id}/mailbox-providers/connect", {
    onSuccess: ({ login_url }) => window.location.assign(login_url),
  })
  const { reset } = begin
  useEffect(() => {
    // Whoever comes back by the browser's own button finds the page as it was left: waiting.
    const onBack = (event: PageTransitionEvent) => event.persisted && reset()
    window.addEventListener("pageshow", onBack)
    return () => window.removeEventListener("pageshow", onBack)
  }, [reset])
  const leave = (attempt: Attempt) => {
    keepAttempt(attempt)
    const { provider, organisation, assistant, mailbox, team, returnTo } = attempt
    const which = mailbox ? { mailbox_id: mailbox } : { assistant_id: assistant }
    begin.mutate({
      params: { path: { organisation_id: organisation } },
      body: { provider, return_to: returnTo, team_mailbox: mailbox ? "" : team, ...which },
    })
  }
  return { leave, error: begin.error, leaving: begin.isPending || begin.isSuccess }
}
