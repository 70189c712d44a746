import { Button } from "@mantine/core"
import { IconPlugConnected } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { ConnectDialog } from "./connect-dialog"
import { useConnectable } from "./use-connectable"

interface ReconnectProps {
  mailbox: Schema<"MailboxPublic">
  /** Where it is all that helps. */
  primary?: boolean
}

/** Connects a mailbox anew; it goes on where it stopped. */
export function Reconnect({ mailbox, primary = false }: ReconnectProps) {
  const { t } = useTranslation("connect")
  const [open, setOpen] = useState(false)
  const { organisation_id, id, provider, team_mailbox, address } = mailbox
  const connectable = useConnectable(organisation_id, provider !== "imap")
  const found = connectable.find(each => each.provider === provider)
  if (!found) return null
  return (
    <>
      <Button
        variant={primary ? "filled" : "default"}
        leftSection={<IconPlugConnected size={18} aria-hidden />}
        aria-label={t("reconnectOf", { address })}
        onClick={() => setOpen(true)}
        style={{ alignSelf: "flex-start" }}
      >
        {t("reconnect")}
      </Button>
      {open && (
        <ConnectDialog
          provider={found}
          attempt={{ organisation: organisation_id, mailbox: id, team: team_mailbox, returnTo: "mailboxes" }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}
