import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"

type Provider = Schema<"MailboxPublic">["provider"]

/** A function that says what people see a Drafts folder called. Gmail's bears the name of their own language. */
export function useFolderName(): (folder: string, provider: Provider | undefined) => string {
  const { t } = useTranslation()
  return (folder, provider) => (provider === "gmail" ? t("gmailDrafts") : lastPart(folder))
}

/** Of a server's name: "INBOX.Drafts" is "Drafts" to a person. */
function lastPart(folder: string): string {
  return folder.split(/[./]/).at(-1) || folder
}
