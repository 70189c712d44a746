import { createFileRoute } from "@tanstack/react-router"
import { MailboxPage } from "@/pages/mailboxes/mailbox-page"

export const Route = createFileRoute("/_inside/organisations/$organisationId/mailboxes/$mailboxId")({
  component: Mailbox,
})

function Mailbox() {
  return <MailboxPage {...Route.useParams()} />
}
