import { useQuery } from "@tanstack/react-query"
import { Navigate } from "@tanstack/react-router"
import { http } from "@/api/client"
import { Problem } from "@/api/problem"
import { useOrganisations } from "@/app/account"
import { NotFound } from "@/components/not-found"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"

/** Mails name a mailbox alone: this finds whose it is, and goes there. */
export function FindMailboxPage({ mailboxId }: { mailboxId: string }) {
  const organisations = useOrganisations()
  const found = useQuery({
    queryKey: ["whose mailbox", mailboxId],
    queryFn: () =>
      whose(
        mailboxId,
        organisations.map(({ id }) => id),
      ),
  })
  if (found.error) return <ProblemAlert error={found.error} onRetry={() => void found.refetch()} />
  if (found.data === undefined) return <Waiting />
  if (found.data === null) return <NotFound />
  return (
    <Navigate
      to="/organisations/$organisationId/mailboxes/$mailboxId"
      params={{ organisationId: found.data, mailboxId }}
      replace
    />
  )
}

async function whose(mailboxId: string, organisationIds: string[]): Promise<string | null> {
  for (const organisation_id of organisationIds) {
    try {
      const path = { organisation_id, mailbox_id: mailboxId }
      await http.GET("/api/v1/organisations/{organisation_id}/mailboxes/{mailbox_id}", { params: { path } })
      return organisation_id
    } catch (error) {
      const elsewhere = error instanceof Problem && [404, 422].includes(error.status)
      if (!elsewhere) throw error
    }
  }
  return null
}
