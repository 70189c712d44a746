import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { LinkAnchor } from "@/components/links"
import { ConnectForm } from "@/pages/mailboxes/connect-form"
import { DoneStep } from "./done-step"
import { useGo, useRemember } from "./way"

interface MailboxStepProps {
  organisation: Schema<"OrganisationPublic">
  assistant: Schema<"AssistantPublic">
  mailbox: Schema<"MailboxPublic"> | undefined
}

export function MailboxStep({ organisation, assistant, mailbox }: MailboxStepProps) {
  const { t } = useTranslation("start")
  const go = useGo()
  const remember = useRemember()
  const draft = { step: "draft" as const, organisation: organisation.id }
  if (mailbox) {
    return (
      <DoneStep
        title={t("mailbox.there")}
        text={t("mailbox.thereText", { address: mailbox.address })}
        onNext={() => go(draft)}
      >
        <LinkAnchor
          to="/organisations/$organisationId/mailboxes/$mailboxId"
          params={{ organisationId: organisation.id, mailboxId: mailbox.id }}
        >
          {t("mailbox.settings")}
        </LinkAnchor>
      </DoneStep>
    )
  }
  return (
    <ConnectForm
      organisationId={organisation.id}
      assistantId={assistant.id}
      address={organisation.email}
      returnTo="start"
      onConnected={() => void remember().then(() => go(draft))}
    >
      <LinkAnchor to="/start" search={{ ...draft, sample: true }} size="sm">
        {t("mailbox.later")}
      </LinkAnchor>
    </ConnectForm>
  )
}
