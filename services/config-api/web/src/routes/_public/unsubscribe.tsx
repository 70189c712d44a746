import { createFileRoute } from "@tanstack/react-router"
import { UnsubscribePage } from "@/pages/auth/unsubscribe-page"

export const Route = createFileRoute("/_public/unsubscribe")({
  validateSearch: (search: Record<string, unknown>) => ({ token: String(search.token ?? "") }),
  component: Unsubscribe,
})

function Unsubscribe() {
  return <UnsubscribePage token={Route.useSearch().token} />
}
