import type { UseQueryResult } from "@tanstack/react-query"
import { api, type Schema } from "@/api/client"
import type { Problem } from "@/api/problem"

const WHILE_OPEN = { staleTime: Number.POSITIVE_INFINITY }

/** What this installation is and costs, for a page that cannot do without. */
export function useSite(): Schema<"Site"> {
  return api.useSuspenseQuery("get", "/api/v1/site", {}, WHILE_OPEN).data
}

/** The same for a page that is worth reading before it is known. */
export function useSiteQuery(): Pick<
  UseQueryResult<Schema<"Site">, Problem>,
  "data" | "error" | "refetch" | "isPending"
> {
  return api.useQuery("get", "/api/v1/site", {}, WHILE_OPEN) as UseQueryResult<Schema<"Site">, Problem>
}
