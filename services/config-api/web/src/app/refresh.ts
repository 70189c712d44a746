import { useQueryClient } from "@tanstack/react-query"
import type { paths } from "@/api/schema"

/** A function that fetches anew whatever is shown of these paths, and is done when that is there. */
export function useRefresh(): (...wanted: (keyof paths)[]) => Promise<void> {
  const queries = useQueryClient()
  return async (...wanted) => {
    await Promise.all(wanted.map(path => queries.invalidateQueries({ queryKey: ["get", path] })))
  }
}
