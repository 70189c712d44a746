import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"

type Provider = Schema<"MailboxPublic">["provider"]

/** A function that says where the owner of a mailbox finds its drafts: "in Gmail unter „Entwürfe“". */
export function useDraftPlace(): (provider: Provider) => string {
  const { t } = useTranslation()
  return provider => t(`draftPlace.${provider}`)
}
