import { createFileRoute } from "@tanstack/react-router"
import { ConfirmPage } from "@/pages/auth/confirm-page"

export const Route = createFileRoute("/_public/confirm")({ component: ConfirmPage })
