import { createFileRoute } from "@tanstack/react-router"
import { HealthPage } from "@/pages/operator/health-page"

export const Route = createFileRoute("/_inside/operator/")({ component: HealthPage })
