import { Alert } from "@mantine/core"
import { IconInfoCircle } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { LinkAnchor } from "@/components/links"

interface PlanFullProps {
  organisationId: string
  what: "assistants" | "mailboxes"
}

/** Says beforehand that the plan has no room for one more. */
export function PlanFull({ organisationId, what }: PlanFullProps) {
  const { t } = useTranslation("assistant")
  const params = { path: { organisation_id: organisationId } }
  const { data } = api.useQuery("get", "/api/v1/organisations/{organisation_id}/plan", { params })
  if (!data || data[what] < data[`max_${what}`]) return null
  return (
    <Alert
      variant="light"
      color="yellow"
      mb="md"
      icon={<IconInfoCircle aria-hidden />}
      title={t(`planFull.${what}`, { count: data[`max_${what}`] })}
    >
      {t("planFull.text")}{" "}
      <LinkAnchor
        to="/organisations/$organisationId/plan"
        params={{ organisationId }}
        inherit
        underline="always"
      >
        {t("planFull.link")}
      </LinkAnchor>
    </Alert>
  )
}
