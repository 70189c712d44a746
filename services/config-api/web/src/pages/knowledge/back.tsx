import { IconArrowLeft } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { LinkButton } from "@/components/links"
import type { Place } from "./data/place"

export function BackToKnowledge({ place }: { place: Place }) {
  const { t } = useTranslation("knowledge")
  return (
    <LinkButton
      variant="default"
      leftSection={<IconArrowLeft size={16} />}
      to="/organisations/$organisationId/assistants/$assistantId/knowledge"
      params={{ organisationId: place.organisation_id, assistantId: place.assistant_id }}
    >
      {t("toKnowledge")}
    </LinkButton>
  )
}
