import { createFileRoute } from "@tanstack/react-router"
import { AccountsPage } from "@/pages/operator/accounts-page"

export const Route = createFileRoute("/_inside/operator/accounts")({ component: AccountsPage })
