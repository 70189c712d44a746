import { Button, Collapse } from "@mantine/core"
import type { UseFormReturnType } from "@mantine/form"
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { PasswordField } from "@/components/password-field"
import type { Connection } from "./connection"
import { ServerFields } from "./server-fields"

interface PasswordPartProps {
  form: UseFormReturnType<Connection>
  /** The provider wants one that is made for mail programs. */
  own: boolean
  server: boolean
  onServer: (shown: boolean) => void
}

/** What opens a mailbox by IMAP; the server is shown where it is not known, or to be changed. */
export function PasswordPart({ form, own, server, onServer }: PasswordPartProps) {
  const { t } = useTranslation("mailboxes")
  return (
    <>
      <PasswordField
        label={t("password.label")}
        description={own ? t("password.ownText") : t("password.text")}
        autoComplete="current-password"
        required
        {...form.getInputProps("imap.password")}
      />
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={() => onServer(!server)}
        aria-expanded={server}
        rightSection={server ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
        style={{ alignSelf: "flex-start" }}
      >
        {t("server.toggle")}
      </Button>
      <Collapse expanded={server}>
        <ServerFields form={form} />
      </Collapse>
    </>
  )
}
