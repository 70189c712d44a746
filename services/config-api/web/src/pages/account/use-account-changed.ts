import { useQueryClient } from "@tanstack/react-query"
import { api } from "@/api/client"

/** Has the account fetched anew, once something about it is different. */
export function useAccountChanged(): () => Promise<void> {
  const queries = useQueryClient()
  return async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: api.queryOptions("get", "/api/v1/account").queryKey }),
      queries.invalidateQueries({ queryKey: ["visitor"] }),
    ])
  }
}
