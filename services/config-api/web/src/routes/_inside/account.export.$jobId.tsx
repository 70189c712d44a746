import { createFileRoute } from "@tanstack/react-router"
import { ExportPage } from "@/pages/account/export-page"

export const Route = createFileRoute("/_inside/account/export/$jobId")({ component: Export })

function Export() {
  return <ExportPage jobId={Route.useParams().jobId} />
}
