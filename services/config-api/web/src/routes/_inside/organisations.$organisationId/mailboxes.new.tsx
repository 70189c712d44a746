import { createFileRoute } from "@tanstack/react-router"
import { NewMailboxPage } from "@/pages/mailboxes/new-page"

export const Route = createFileRoute("/_inside/organisations/$organisationId/mailboxes/new")({
  component: NewMailbox,
})

function NewMailbox() {
  return <NewMailboxPage {...Route.useParams()} />
}
