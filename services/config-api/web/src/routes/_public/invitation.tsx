import { createFileRoute } from "@tanstack/react-router"
import { InvitationPage } from "@/pages/auth/invitation-page"

export const Route = createFileRoute("/_public/invitation")({ component: InvitationPage })
