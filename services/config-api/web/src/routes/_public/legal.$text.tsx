import { createFileRoute, notFound } from "@tanstack/react-router"
import { LegalPage } from "@/pages/legal/legal-page"

const TEXTS = ["imprint", "privacy", "terms"] as const
export type LegalName = (typeof TEXTS)[number]

export const Route = createFileRoute("/_public/legal/$text")({
  params: {
    parse: ({ text }) => {
      if (!isText(text)) throw notFound()
      return { text }
    },
  },
  component: Legal,
})

function isText(text: string): text is LegalName {
  return (TEXTS as readonly string[]).includes(text)
}

function Legal() {
  return <LegalPage text={Route.useParams().text} />
}
