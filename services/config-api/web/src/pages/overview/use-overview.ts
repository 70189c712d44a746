import { keepPreviousData } from "@tanstack/react-query"
import { api } from "@/api/client"
import { sinceOf } from "@/pages/activity/search"
import { LATELY, type OverviewSearch, USUAL_PERIOD } from "./search"

const EVERY_MINUTE = 60_000

export function useOverview(organisationId: string, { days = USUAL_PERIOD, assistant }: OverviewSearch) {
  const params = { path: { organisation_id: organisationId }, query: { days, assistant_id: assistant } }
  return api.useQuery(
    "get",
    "/api/v1/organisations/{organisation_id}/overview",
    { params },
    { placeholderData: keepPreviousData, refetchInterval: EVERY_MINUTE },
  )
}

/** How many messages failed lately, as far as one page tells. */
export function useFailedLately(organisationId: string, assistant: string | undefined): number {
  const query = { assistant_id: assistant, outcome: "failed" as const, since: sinceOf(LATELY), limit: 200 }
  const params = { path: { organisation_id: organisationId }, query }
  const failed = api.useQuery(
    "get",
    "/api/v1/organisations/{organisation_id}/activity",
    { params },
    { refetchInterval: EVERY_MINUTE },
  )
  return new Set(failed.data?.items.map(({ message_id }) => message_id)).size
}

/** Whether nothing has ever come in; undefined while that is not known. */
export function useNothingYet(organisationId: string): boolean | undefined {
  const params = { path: { organisation_id: organisationId }, query: { limit: 1 } }
  const latest = api.useQuery("get", "/api/v1/organisations/{organisation_id}/activity", { params })
  return latest.data && latest.data.items.length === 0
}
