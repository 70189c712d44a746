import { createFileRoute } from "@tanstack/react-router"
import { ApiDocsPage } from "@/pages/api-docs/page"

export const Route = createFileRoute("/_public/api-docs")({ component: ApiDocsPage })
