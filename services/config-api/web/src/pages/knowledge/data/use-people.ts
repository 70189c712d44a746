import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useAccount } from "@/app/account"

const OPERATOR = "operator-token"

/** Who an `actor` of the API is, by name. */
export function usePeople(organisationId: string): (actor: string) => string {
  const { t } = useTranslation("knowledge")
  const account = useAccount()
  const path = { organisation_id: organisationId }
  const members = api.useQuery("get", "/api/v1/organisations/{organisation_id}/members", {
    params: { path, query: { limit: 500 } },
  })
  return actor => {
    if (actor === account.id) return t("who.you")
    if (actor.startsWith("key ")) return t("who.program")
    if (actor === OPERATOR) return t("who.operator")
    const member = members.data?.items.find(({ id }) => id === actor)
    if (!member) return t("who.somebody")
    return `${member.first_name} ${member.last_name}`.trim() || member.user_name
  }
}
