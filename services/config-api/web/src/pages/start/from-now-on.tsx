import { Alert, Text } from "@mantine/core"
import { IconFolderOpen } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useDraftPlace } from "@/app/draft-place"

/** Where the drafts will be found, for a mailbox that is not looked into for somebody who waits. */
export function FromNowOn({ mailbox }: { mailbox: Schema<"MailboxPublic"> }) {
  const { t } = useTranslation("start")
  const place = useDraftPlace()
  return (
    <Alert variant="light" color="green" icon={<IconFolderOpen aria-hidden />} title={t("fromNowOn.title")}>
      <Text size="sm">
        {t("fromNowOn.text", { address: mailbox.address, place: place(mailbox.provider) })}
      </Text>
    </Alert>
  )
}
