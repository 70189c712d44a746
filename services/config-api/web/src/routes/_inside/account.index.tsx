import { createFileRoute } from "@tanstack/react-router"
import { AccountPage } from "@/pages/account/account-page"
import { type AccountTab, accountTab } from "@/pages/account/tabs"

export const Route = createFileRoute("/_inside/account/")({
  validateSearch: (search: Record<string, unknown>): { tab?: AccountTab } => ({
    tab: accountTab(search.tab),
  }),
  component: Account,
})

function Account() {
  return <AccountPage tab={Route.useSearch().tab} />
}
