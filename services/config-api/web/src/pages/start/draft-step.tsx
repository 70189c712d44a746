import { Stack } from "@mantine/core"
import type { Schema } from "@/api/client"
import { FirstDraft } from "./first-draft"
import { SampleDraft } from "./sample-draft"
import { WaitingMail } from "./waiting-mail"
import { usePlace } from "./way"

interface DraftStepProps {
  organisation: Schema<"OrganisationPublic">
  assistant: Schema<"AssistantPublic">
  mailbox: Schema<"MailboxPublic"> | undefined
}

/** The first draft: of the mailbox's last unanswered mail, or of a sample. */
export function DraftStep({ organisation, assistant, mailbox }: DraftStepProps) {
  const { sample, mail } = usePlace()
  return (
    <Stack gap="xl">
      {!mailbox || sample ? (
        <SampleDraft organisation={organisation} assistant={assistant} mailbox={mailbox} />
      ) : mail ? (
        <FirstDraft organisation={organisation} assistant={assistant} mailbox={mailbox} receivedAt={mail} />
      ) : (
        <WaitingMail organisation={organisation} assistant={assistant} mailbox={mailbox} />
      )}
    </Stack>
  )
}
