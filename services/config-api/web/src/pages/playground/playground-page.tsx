import { Box, SimpleGrid } from "@mantine/core"
import { useEffect, useRef } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { PageHeader } from "@/components/page-header"
import { MailForm } from "./mail-form"
import { Outcome } from "./outcome"
import { useTry } from "./use-try"

interface PlaygroundPageProps {
  organisationId: string
  assistantId: string
}

export function PlaygroundPage({ organisationId, assistantId }: PlaygroundPageProps) {
  const { t } = useTranslation("playground")
  const path = { organisation_id: organisationId, assistant_id: assistantId }
  const { data: assistant } = api.useSuspenseQuery(
    "get",
    "/api/v1/organisations/{organisation_id}/assistants/{assistant_id}",
    { params: { path } },
  )
  const { tried, start, stop } = useTry(organisationId, assistantId)
  const outcome = useRef<HTMLDivElement>(null)
  const running = tried.phase === "running"
  useEffect(() => {
    // Beside the form on a wide screen, below it on a phone.
    if (running) outcome.current?.scrollIntoView({ block: "nearest" })
  }, [running])
  const again = tried.mail && (() => void start(tried.mail ?? { subject: "", sender: "", text: "" }))
  return (
    <>
      <PageHeader title={t("title")} text={t("text", { name: assistant.name })} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl" verticalSpacing="xl" style={{ alignItems: "start" }}>
        <MailForm
          organisationId={organisationId}
          assistantId={assistantId}
          running={running}
          onTry={start}
          onStop={stop}
        />
        <Box ref={outcome} mih={300} style={{ scrollMarginTop: 72 }}>
          <Outcome tried={tried} path={path} onAgain={again} />
        </Box>
      </SimpleGrid>
    </>
  )
}
