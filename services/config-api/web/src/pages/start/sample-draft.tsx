import { Button, SimpleGrid, Skeleton, Stack } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { LinkButton } from "@/components/links"
import { MailPaper } from "@/components/mail-paper"
import { ProblemAlert } from "@/components/problem-alert"
import { asTried, useSampleMails } from "@/pages/assistant/samples"
import { TriedDraft } from "@/pages/assistant/tried-draft"
import { useTry } from "@/pages/playground/use-try"
import { WhatNext } from "./what-next"

interface SampleDraftProps {
  organisation: Schema<"OrganisationPublic">
  assistant: Schema<"AssistantPublic">
  mailbox: Schema<"MailboxPublic"> | undefined
}

/** A mail as customers write it, and the draft that the assistant writes to it while one looks on. */
export function SampleDraft({ organisation, assistant, mailbox }: SampleDraftProps) {
  const { t } = useTranslation("start")
  const samples = useSampleMails(organisation.industry, assistant.languages[0] ?? "de")
  const { tried, start } = useTry(organisation.id, assistant.id)
  const mail = samples.mails?.[0]
  if (samples.error) return <ProblemAlert error={samples.error} onRetry={samples.refetch} />
  if (!mail) return <Skeleton h={280} radius="lg" />
  const begin = () => void start(asTried(mail))
  const begun = tried.phase !== "idle"
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: begun ? 2 : 1 }} spacing="lg" maw={begun ? undefined : 760}>
        <Stack>
          <MailPaper
            title={t("sample.mail")}
            subject={mail.subject}
            details={[t("waiting.from", { name: mail.from_name })]}
            text={mail.body.trim()}
          />
          {!begun && (
            <Button size="md" onClick={begin} style={{ alignSelf: "flex-start" }}>
              {t("sample.draft")}
            </Button>
          )}
        </Stack>
        {begun && <TriedDraft tried={tried} signature={assistant.signature} onRetry={begin} />}
      </SimpleGrid>
      {tried.phase === "done" && !mailbox && (
        <LinkButton
          to="/start"
          search={{ step: "mailbox", organisation: organisation.id }}
          size="md"
          style={{ alignSelf: "flex-start" }}
        >
          {t("sample.connect")}
        </LinkButton>
      )}
      {tried.phase === "done" && <WhatNext organisation={organisation} assistant={assistant} />}
    </>
  )
}
