import { http } from "@/api/client"
import type { Rows } from "./cost"

/** What each model has used today; undefined where that cannot be found out, which is no reason to fail. */
export async function usageToday(organisationId: string, signal: AbortSignal): Promise<Rows> {
  const today = new Intl.DateTimeFormat("sv", { timeZone: "Europe/Berlin" }).format(new Date())
  try {
    const { data } = await http.GET("/api/v1/organisations/{organisation_id}/usage", {
      params: {
        path: { organisation_id: organisationId },
        query: { from: today, to: today, group_by: "model" },
      },
      signal,
    })
    return data?.rows
  } catch {
    return undefined
  }
}
