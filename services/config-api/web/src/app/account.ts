import { useQueryClient } from "@tanstack/react-query"
import { api, type Schema } from "@/api/client"

/** Who is logged in; the layout of the pages behind the log-in has loaded it, so it is there. */
export function useAccount(): Schema<"AccountPublic"> {
  return api.useSuspenseQuery("get", "/api/v1/account").data
}

/** The organisations the person belongs to; the first page, which is all but for operators. */
export function useOrganisations(): Schema<"OrganisationPublic">[] {
  const query = { params: { query: { limit: 200 } } }
  return api.useSuspenseQuery("get", "/api/v1/organisations", query).data.items
}

/** Forgets everything that was fetched: after log-in, log-out, and when the account is gone. */
export function useForgetEverything(): () => void {
  const queries = useQueryClient()
  return () => queries.clear()
}
