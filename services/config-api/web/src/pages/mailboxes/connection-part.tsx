import { Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { Part } from "@/components/part"
import { Reconnect } from "@/pages/connect/reconnect"
import { AccessForm } from "./access-form"

/** How a mailbox is opened: by a server and a password, or by what its provider was told to allow. */
export function ConnectionPart({ mailbox }: { mailbox: Schema<"MailboxPublic"> }) {
  const { t } = useTranslation("mailboxes")
  const { address, imap, provider, team_mailbox } = mailbox
  if (imap) {
    return (
      <Part title={t("access.title")} text={t("access.text")}>
        <AccessForm key={JSON.stringify([address, imap])} mailbox={mailbox} imap={imap} />
      </Part>
    )
  }
  return (
    <Part title={t("connection.title")} text={t("connection.text")}>
      <Stack gap="sm">
        <Text>{t(team_mailbox ? "connection.team" : `connection.${provider}`)}</Text>
        <Reconnect mailbox={mailbox} />
      </Stack>
    </Part>
  )
}
