import { createFileRoute } from "@tanstack/react-router"
import { HoldsPage } from "@/pages/operator/holds-page"

export const Route = createFileRoute("/_inside/operator/holds")({ component: HoldsPage })
