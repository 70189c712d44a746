import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { LinkAnchor } from "@/components/links"
import { CreateForm } from "@/pages/assistant/create-form"
import { DoneStep } from "./done-step"
import { useGo } from "./way"

interface AssistantStepProps {
  organisation: Schema<"OrganisationPublic">
  assistant: Schema<"AssistantPublic"> | undefined
}

export function AssistantStep({ organisation, assistant }: AssistantStepProps) {
  const { t } = useTranslation("start")
  const go = useGo()
  const next = () => go({ step: "mailbox", organisation: organisation.id })
  if (!assistant) {
    return <CreateForm organisation={organisation} named={false} button={t("next")} onCreated={next} />
  }
  return (
    <DoneStep
      title={t("assistant.there")}
      text={t("assistant.thereText", { name: assistant.name })}
      onNext={next}
    >
      <LinkAnchor
        to="/organisations/$organisationId/assistants/$assistantId"
        params={{ organisationId: organisation.id, assistantId: assistant.id }}
      >
        {t("assistant.settings")}
      </LinkAnchor>
    </DoneStep>
  )
}
