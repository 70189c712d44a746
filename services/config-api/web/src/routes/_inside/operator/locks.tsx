import { createFileRoute } from "@tanstack/react-router"
import { LocksPage } from "@/pages/operator/locks-page"

export const Route = createFileRoute("/_inside/operator/locks")({ component: LocksPage })
