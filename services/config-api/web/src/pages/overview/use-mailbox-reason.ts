import { useTranslation } from "react-i18next"

/** A function that says in a sentence why a mailbox is not being read. */
export function useMailboxReason(): (reason: string) => string {
  const { t } = useTranslation("overview")
  return reason => t(`mailboxReason.${reason}`, { defaultValue: t("mailboxReason.other") })
}
