import { api, type Schema } from "@/api/client"

/** Whose mailboxes this installation can connect; none while it is not known, and the way by password is there. */
export function useConnectable(organisationId: string, enabled = true): Schema<"ConnectableProvider">[] {
  const params = { path: { organisation_id: organisationId } }
  const query = api.useQuery(
    "get",
    "/api/v1/organisations/{organisation_id}/mailbox-providers",
    { params },
    { enabled },
  )
  return query.data?.items ?? []
}
