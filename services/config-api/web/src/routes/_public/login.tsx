import { createFileRoute } from "@tanstack/react-router"
import { ownPath } from "@/app/next"
import { LoginPage } from "@/pages/auth/login-page"

export const Route = createFileRoute("/_public/login")({
  validateSearch: (search: Record<string, unknown>): { next?: string } => ({ next: ownPath(search.next) }),
  component: Login,
})

function Login() {
  return <LoginPage next={Route.useSearch().next} />
}
