import { IconRocket } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { LinkNav } from "@/components/links"

/** Leads back to the way in as long as there is no mailbox. */
export function SetUpLink({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation()
  const params = { path: { organisation_id: organisationId }, query: { limit: 200 } }
  const { data } = api.useQuery("get", "/api/v1/organisations/{organisation_id}/mailboxes", { params })
  if (data?.items.length !== 0) return null
  return (
    <LinkNav
      to="/start"
      search={{ organisation: organisationId }}
      label={t("nav.start")}
      leftSection={<IconRocket size={18} />}
    />
  )
}
