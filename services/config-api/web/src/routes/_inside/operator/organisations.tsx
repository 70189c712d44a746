import { createFileRoute } from "@tanstack/react-router"
import { OrganisationsPage } from "@/pages/operator/organisations-page"

export const Route = createFileRoute("/_inside/operator/organisations")({ component: OrganisationsPage })
