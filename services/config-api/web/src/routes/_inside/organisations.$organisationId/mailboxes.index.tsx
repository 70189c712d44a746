import { createFileRoute } from "@tanstack/react-router"
import { MailboxesPage } from "@/pages/mailboxes/list-page"

export const Route = createFileRoute("/_inside/organisations/$organisationId/mailboxes/")({
  component: Mailboxes,
})

function Mailboxes() {
  return <MailboxesPage {...Route.useParams()} />
}
