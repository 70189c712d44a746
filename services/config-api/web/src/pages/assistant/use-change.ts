import { api } from "@/api/client"
import { useRefresh } from "@/app/refresh"

const LIST = "/api/v1/organisations/{organisation_id}/assistants"
const ONE = "/api/v1/organisations/{organisation_id}/assistants/{assistant_id}"
const HEALTH = "/api/v1/organisations/{organisation_id}/mailboxes/{mailbox_id}/health"

/** Changes an assistant; wherever it is shown, it is shown as it is then. */
export function useChange() {
  const refresh = useRefresh()
  return api.useMutation("patch", ONE, { onSuccess: () => refresh(LIST, ONE, HEALTH) })
}
