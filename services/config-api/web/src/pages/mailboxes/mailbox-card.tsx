import { Card, Group, Stack, Switch, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { LinkAnchor, LinkButton } from "@/components/links"
import { HealthNote } from "./health-note"
import { mayReconnect, useHealth, usePause } from "./use-mailbox"

interface MailboxCardProps {
  mailbox: Schema<"MailboxPublic">
  /** Who writes its drafts, where there is more than one. */
  assistant: string | undefined
}

export function MailboxCard({ mailbox, assistant }: MailboxCardProps) {
  const { t } = useTranslation("mailboxes")
  const pause = usePause(mailbox)
  const health = useHealth(mailbox).data
  const ill = health?.state === "stopped" && !mayReconnect(mailbox, health)
  const of = { organisationId: mailbox.organisation_id, mailboxId: mailbox.id }
  const address = mailbox.address
  return (
    <Card withBorder radius="md" p="lg" component="li">
      <Stack gap="sm">
        <Group justify="space-between" gap="sm">
          <Stack gap={0} miw={0}>
            <Title order={2} size="h4">
              <LinkAnchor to="/organisations/$organisationId/mailboxes/$mailboxId" params={of} inherit>
                {address}
              </LinkAnchor>
            </Title>
            {mailbox.provider !== "imap" && (
              <Text size="sm" c="dimmed">
                {t(`connection.${mailbox.provider}`)}
              </Text>
            )}
            {assistant && (
              <Text size="sm" c="dimmed">
                {t("list.assistant", { name: assistant })}
              </Text>
            )}
          </Stack>
          <Switch
            label={mailbox.active ? t("on") : t("off")}
            aria-label={t("onOff", { address })}
            checked={mailbox.active}
            disabled={pause.pending}
            onChange={event => pause.to(event.currentTarget.checked)}
          />
        </Group>
        <HealthNote mailbox={mailbox} />
        <LinkButton
          to="/organisations/$organisationId/mailboxes/$mailboxId"
          params={of}
          variant={ill ? "filled" : "default"}
          size="xs"
          style={{ alignSelf: "flex-start" }}
          aria-label={ill ? t("list.fixOf", { address }) : t("list.editOf", { address })}
        >
          {ill ? t("list.fix") : t("list.edit")}
        </LinkButton>
      </Stack>
    </Card>
  )
}
