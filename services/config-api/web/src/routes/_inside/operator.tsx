import { createFileRoute, Outlet } from "@tanstack/react-router"
import { useAccount } from "@/app/account"
import { NotFound } from "@/components/not-found"
import { OperatorTabs } from "@/pages/operator/tabs"

export const Route = createFileRoute("/_inside/operator")({ component: Layout })

function Layout() {
  if (!useAccount().operator) return <NotFound />
  return (
    <>
      <OperatorTabs />
      <Outlet />
    </>
  )
}
