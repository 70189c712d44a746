import { createFileRoute } from "@tanstack/react-router"
import { ConnectedPage } from "@/pages/connect/connected-page"
import { outcomeOf } from "@/pages/connect/outcome"

export const Route = createFileRoute("/_public/connected")({ component: Connected })

function Connected() {
  return <ConnectedPage outcome={outcomeOf(Route.useSearch())} />
}
