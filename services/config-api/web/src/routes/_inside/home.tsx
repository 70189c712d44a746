import { createFileRoute, Navigate } from "@tanstack/react-router"
import { useCurrent } from "@/app/current"

export const Route = createFileRoute("/_inside/home")({ component: Home })

/** Where one lands after log-in: at work, or at the way in. */
function Home() {
  const { organisation } = useCurrent()
  if (!organisation) return <Navigate to="/start" replace />
  return <Navigate to="/organisations/$organisationId" params={{ organisationId: organisation.id }} replace />
}
