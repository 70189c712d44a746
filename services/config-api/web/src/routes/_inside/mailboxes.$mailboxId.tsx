import { createFileRoute } from "@tanstack/react-router"
import { FindMailboxPage } from "@/pages/mailboxes/find-page"

export const Route = createFileRoute("/_inside/mailboxes/$mailboxId")({ component: FindMailbox })

function FindMailbox() {
  return <FindMailboxPage {...Route.useParams()} />
}
