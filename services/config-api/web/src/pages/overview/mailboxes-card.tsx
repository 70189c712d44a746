import { Card, Group, Stack, Text, ThemeIcon, Title } from "@mantine/core"
import { IconAlertTriangle, IconCheck, IconLoader, IconPlayerPause, IconRefresh } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { LinkButton } from "@/components/links"
import { useMailboxReason } from "./use-mailbox-reason"

const LOOKS = {
  watching: { icon: IconCheck, color: "green" },
  retrying: { icon: IconRefresh, color: "orange" },
  stopped: { icon: IconAlertTriangle, color: "red" },
  off: { icon: IconPlayerPause, color: "gray" },
  new: { icon: IconLoader, color: "gray" },
}

interface MailboxesCardProps {
  organisationId: string
  mailboxes: Schema<"MailboxPublic">[]
}

/** How each mailbox is. */
export function MailboxesCard({ organisationId, mailboxes }: MailboxesCardProps) {
  const { t } = useTranslation("overview")
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="mailboxes-title">
      <Group justify="space-between" mb="md">
        <Title order={2} size="h4" id="mailboxes-title">
          {t("mailboxes.title")}
        </Title>
        <LinkButton
          size="xs"
          variant="subtle"
          to="/organisations/$organisationId/mailboxes"
          params={{ organisationId }}
        >
          {t("mailboxes.all")}
        </LinkButton>
      </Group>
      <Stack>
        {mailboxes.length === 0 && <Text c="dimmed">{t("mailboxes.none")}</Text>}
        {mailboxes.map(mailbox => (
          <OneMailbox key={mailbox.id} mailbox={mailbox} />
        ))}
      </Stack>
    </Card>
  )
}

function OneMailbox({ mailbox }: { mailbox: Schema<"MailboxPublic"> }) {
  const { t } = useTranslation("overview")
  const { ago } = useFormats()
  const why = useMailboxReason()
  const state = mailbox.active ? (mailbox.status ?? "new") : "off"
  const { icon: Picture, color } = LOOKS[state]
  const broken = state === "stopped" || state === "retrying"
  const proof = mailbox.last_proof_at && t("mailboxes.proof", { ago: ago(mailbox.last_proof_at) })
  return (
    <Group wrap="nowrap" gap="sm" align="flex-start">
      <ThemeIcon variant="light" radius="xl" color={color} aria-hidden>
        <Picture size={16} />
      </ThemeIcon>
      <Stack gap={0} flex={1} miw={0}>
        <Text fw={600} style={{ overflowWrap: "anywhere" }}>
          {mailbox.address}
        </Text>
        <Text size="sm">{t(`mailboxes.${state}`)}</Text>
        {broken && mailbox.status_reason && <Text size="sm">{why(mailbox.status_reason)}</Text>}
        {proof && state !== "off" && (
          <Text size="sm" c="dimmed">
            {proof}
          </Text>
        )}
      </Stack>
    </Group>
  )
}
