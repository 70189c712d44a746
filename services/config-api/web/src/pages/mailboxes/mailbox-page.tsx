import { Button, Card, Group, Stack, Switch } from "@mantine/core"
import { IconPlugConnected, IconTrash } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { LinkAnchor } from "@/components/links"
import { PageHeader } from "@/components/page-header"
import { Part } from "@/components/part"
import { ProblemAlert } from "@/components/problem-alert"
import { ConnectionPart } from "./connection-part"
import { EditForm, editable } from "./edit-form"
import { HealthNote } from "./health-note"
import { TestOutcome } from "./test-outcome"
import { useDelete, usePause } from "./use-mailbox"

interface MailboxPageProps {
  organisationId: string
  mailboxId: string
}

/** One mailbox: how it is, and everything that can be changed of it. */
export function MailboxPage({ organisationId, mailboxId }: MailboxPageProps) {
  const { t } = useTranslation("mailboxes")
  const path = { organisation_id: organisationId, mailbox_id: mailboxId }
  const mailbox = api.useSuspenseQuery(
    "get",
    "/api/v1/organisations/{organisation_id}/mailboxes/{mailbox_id}",
    { params: { path } },
  ).data
  const remove = useDelete(mailbox)
  const settings = (
    <Part key="settings" title={t("edit.title")}>
      <EditForm key={JSON.stringify(editable(mailbox))} mailbox={mailbox} />
    </Part>
  )
  const access = <ConnectionPart key="access" mailbox={mailbox} />
  return (
    <Stack maw={760}>
      <LinkAnchor to="/organisations/$organisationId/mailboxes" params={{ organisationId }} size="sm">
        {t("back")}
      </LinkAnchor>
      <PageHeader title={mailbox.address} />
      <StateCard mailbox={mailbox} />
      {mailbox.status === "stopped" ? [access, settings] : [settings, access]}
      <Part title={t("delete.heading")} text={t(`delete.text.${mailbox.provider}`)}>
        <Button
          color="red"
          variant="outline"
          leftSection={<IconTrash size={18} aria-hidden />}
          onClick={remove.ask}
          loading={remove.pending}
          style={{ alignSelf: "flex-start" }}
        >
          {t("delete.button")}
        </Button>
      </Part>
    </Stack>
  )
}

function StateCard({ mailbox }: { mailbox: Schema<"MailboxPublic"> }) {
  const { t } = useTranslation("mailboxes")
  const pause = usePause(mailbox)
  const test = api.useMutation("post", "/api/v1/organisations/{organisation_id}/mailboxes/test")
  const params = { path: { organisation_id: mailbox.organisation_id } }
  return (
    <Card withBorder radius="md" p="lg">
      <Stack>
        <HealthNote mailbox={mailbox} />
        <Group justify="space-between">
          <Switch
            label={t("active.label")}
            description={mailbox.active ? t("active.on") : t("active.off")}
            checked={mailbox.active}
            disabled={pause.pending}
            onChange={event => pause.to(event.currentTarget.checked)}
          />
          {mailbox.imap && (
            <Button
              variant="default"
              leftSection={<IconPlugConnected size={18} aria-hidden />}
              loading={test.isPending}
              onClick={() => test.mutate({ params, body: { mailbox_id: mailbox.id, imap: {} } })}
            >
              {t("test.button")}
            </Button>
          )}
        </Group>
        <TestOutcome test={test.data} testing={test.isPending} />
        <ProblemAlert error={test.error} />
      </Stack>
    </Card>
  )
}
