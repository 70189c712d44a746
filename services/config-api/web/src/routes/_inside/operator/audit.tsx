import { createFileRoute } from "@tanstack/react-router"
import { AuditPage } from "@/pages/operator/audit-page"

export const Route = createFileRoute("/_inside/operator/audit")({ component: AuditPage })
