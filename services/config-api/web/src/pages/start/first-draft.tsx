import { Alert, Badge, Group, Progress, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core"
import { IconClock, IconFolderOpen, IconInfoCircle } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFolderName } from "@/app/folder-name"
import { useFormats } from "@/app/format"
import { LinkButton } from "@/components/links"
import { MailPaper } from "@/components/mail-paper"
import { ProblemAlert } from "@/components/problem-alert"
import { NoDraft } from "./no-draft"
import { useSettled } from "./use-settled"
import { useWaitingMail } from "./waiting-mail"
import { WhatNext } from "./what-next"

interface FirstDraftProps {
  organisation: Schema<"OrganisationPublic">
  assistant: Schema<"AssistantPublic">
  mailbox: Schema<"MailboxPublic">
  receivedAt: string
}

/** Waits for the draft and shows it beside the mail that it answers. */
export function FirstDraft({ organisation, assistant, mailbox, receivedAt }: FirstDraftProps) {
  const { settled, late, error } = useSettled(mailbox, receivedAt)
  if (settled?.outcome === "drafted") {
    return (
      <>
        <BesideMail mailbox={mailbox} settled={settled} />
        <WhatNext organisation={organisation} assistant={assistant} />
      </>
    )
  }
  if (settled) return <NoDraft organisation={organisation} settled={settled} />
  return <Writing mailbox={mailbox} late={late} error={error} />
}

function Writing({
  mailbox,
  late,
  error,
}: {
  mailbox: Schema<"MailboxPublic">
  late: boolean
  error: unknown
}) {
  const { t } = useTranslation("start")
  const of = { organisationId: mailbox.organisation_id }
  return (
    <Stack maw={760}>
      <Stack gap={8} role="status">
        <Text>{t("draft.writing")}</Text>
        <Progress value={100} animated aria-label={t("draft.progress")} />
        <Text size="sm" c="dimmed">
          {t("draft.writingText")}
        </Text>
      </Stack>
      <ProblemAlert error={error} />
      {late && (
        <Alert variant="light" color="yellow" icon={<IconClock aria-hidden />} title={t("draft.late")}>
          <Stack gap="sm" align="flex-start">
            <Text size="sm">{t("draft.lateText")}</Text>
            <Group gap="sm">
              <LinkButton
                to="/organisations/$organisationId/mailboxes/$mailboxId"
                params={{ ...of, mailboxId: mailbox.id }}
                variant="default"
                size="xs"
              >
                {t("draft.checkMailbox")}
              </LinkButton>
              <LinkButton
                to="/start"
                search={{ step: "draft", organisation: mailbox.organisation_id, sample: true }}
                variant="default"
                size="xs"
              >
                {t("draft.trySample")}
              </LinkButton>
            </Group>
          </Stack>
        </Alert>
      )}
    </Stack>
  )
}

interface BesideMailProps {
  mailbox: Schema<"MailboxPublic">
  settled: Schema<"SettledMessagePublic">
}

function BesideMail({ mailbox, settled }: BesideMailProps) {
  const { t } = useTranslation("start")
  const formats = useFormats()
  const folderName = useFolderName()
  // Found when it was offered; asked again it would be no longer unanswered.
  const { data: mail } = useWaitingMail(mailbox, false)
  const path = { organisation_id: mailbox.organisation_id, message_id: settled.message_id }
  const draft = api.useQuery("get", "/api/v1/organisations/{organisation_id}/activity/{message_id}/draft", {
    params: { path },
  })
  if (draft.error) return <ProblemAlert error={draft.error} onRetry={() => void draft.refetch()} />
  if (!draft.data) return <Skeleton h={320} radius="lg" aria-label={t("draft.reading")} role="status" />
  const { subject, text, folder, quoted } = draft.data
  const original = mail ?? {
    subject: subject.replace(/^(Re|AW): /i, ""),
    body_text: unquoted(quoted),
    from_name: "",
  }
  const details = [original.from_name && t("waiting.from", { name: original.from_name })].filter(Boolean)
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <MailPaper
          title={t("draft.mail")}
          subject={original.subject || t("waiting.noSubject")}
          details={[...details, formats.dateTime(settled.received_at)]}
          text={original.body_text}
        />
        <MailPaper
          title={t("draft.draft")}
          mark={<Badge variant="light">{t("draft.unsent")}</Badge>}
          subject={subject}
          details={[t("draft.to", { names: draft.data.to.join(", ") })]}
          text={text}
          primary
        />
      </SimpleGrid>
      {settled.open_points > 0 && (
        <Alert variant="light" icon={<IconInfoCircle aria-hidden />}>
          {t("draft.open", { count: settled.open_points })}
        </Alert>
      )}
      <Alert variant="light" color="green" icon={<IconFolderOpen aria-hidden />} title={t("draft.where")}>
        {t("draft.whereText", { address: mailbox.address, folder: folderName(folder, mailbox.provider) })}
      </Alert>
    </Stack>
  )
}

function unquoted(text: string): string {
  const lines = text.split("\n").filter(line => line.startsWith(">"))
  return lines.map(line => line.replace(/^> ?/, "")).join("\n")
}
