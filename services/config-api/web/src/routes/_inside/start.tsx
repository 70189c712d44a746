import { createFileRoute } from "@tanstack/react-router"
import { StartPage } from "@/pages/start/start-page"
import { placeOf } from "@/pages/start/way"

export const Route = createFileRoute("/_inside/start")({ validateSearch: placeOf, component: StartPage })
