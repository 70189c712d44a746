import { createFileRoute } from "@tanstack/react-router"
import { WelcomePage } from "@/pages/welcome/welcome-page"

export const Route = createFileRoute("/_public/")({ component: WelcomePage })
