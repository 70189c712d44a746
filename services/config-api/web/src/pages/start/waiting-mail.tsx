import { Alert, Button, Group, Progress, Stack, Text } from "@mantine/core"
import { IconMailCheck } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { LinkAnchor } from "@/components/links"
import { MailPaper } from "@/components/mail-paper"
import { ProblemAlert } from "@/components/problem-alert"
import { SampleDraft } from "./sample-draft"
import { useGo } from "./way"

export const LAST = "/api/v1/organisations/{organisation_id}/mailboxes/{mailbox_id}/last-unanswered"

interface WaitingMailProps {
  organisation: Schema<"OrganisationPublic">
  assistant: Schema<"AssistantPublic">
  mailbox: Schema<"MailboxPublic">
}

/** The newest mail that waits for an answer; null where there is none. It is asked for once. */
export function useWaitingMail(mailbox: Schema<"MailboxPublic">, enabled: boolean) {
  const path = { organisation_id: mailbox.organisation_id, mailbox_id: mailbox.id }
  const once = { staleTime: Number.POSITIVE_INFINITY, retry: false, enabled }
  return api.useQuery("post", LAST, { params: { path } }, once)
}

/** Offers to draft an answer to the newest mail that waits for one. */
export function WaitingMail({ organisation, assistant, mailbox }: WaitingMailProps) {
  const { t } = useTranslation("start")
  const found = useWaitingMail(mailbox, true)
  if (found.isFetching) {
    return (
      <Stack gap={8} role="status">
        <Text>{t("waiting.looking", { address: mailbox.address })}</Text>
        <Progress value={100} animated aria-label={t("waiting.label")} />
      </Stack>
    )
  }
  if (found.error) {
    return (
      <>
        <ProblemAlert error={found.error} onRetry={() => void found.refetch()} />
        <SampleDraft organisation={organisation} assistant={assistant} mailbox={mailbox} />
      </>
    )
  }
  if (!found.data) {
    return (
      <>
        <Alert variant="light" icon={<IconMailCheck aria-hidden />} title={t("waiting.none")}>
          {t("waiting.noneText", { address: mailbox.address })}
        </Alert>
        <SampleDraft organisation={organisation} assistant={assistant} mailbox={mailbox} />
      </>
    )
  }
  return <Offer mail={found.data} mailbox={mailbox} />
}

function Offer({ mail, mailbox }: { mail: Schema<"LastUnanswered">; mailbox: Schema<"MailboxPublic"> }) {
  const { t } = useTranslation("start")
  const formats = useFormats()
  const go = useGo()
  const here = { step: "draft" as const, organisation: mailbox.organisation_id }
  const watch = api.useMutation("patch", "/api/v1/organisations/{organisation_id}/mailboxes/{mailbox_id}", {
    onSuccess: () => go({ ...here, mail: mail.received_at }),
  })
  const path = { organisation_id: mailbox.organisation_id, mailbox_id: mailbox.id }
  const draft = () => watch.mutate({ params: { path }, body: { watch_since: mail.watch_since } })
  return (
    <Stack maw={760}>
      <MailPaper
        title={t("waiting.mail")}
        subject={mail.subject || t("waiting.noSubject")}
        details={[t("waiting.from", { name: mail.from_name }), formats.dateTime(mail.received_at)]}
        text={mail.body_text}
      />
      <ProblemAlert error={watch.error} />
      <Group justify="space-between">
        <Button size="md" onClick={draft} loading={watch.isPending}>
          {t("waiting.draft")}
        </Button>
        <LinkAnchor to="/start" search={{ ...here, sample: true }} size="sm">
          {t("waiting.sample")}
        </LinkAnchor>
      </Group>
    </Stack>
  )
}
