import { useQuery, useQueryClient } from "@tanstack/react-query"
import { http, type Schema } from "@/api/client"
import { Problem } from "@/api/problem"

const MARK = "logged-in"
const VISITOR = ["visitor"]

/** Leaves a mark in this browser that somebody has logged in here; who it was, it does not say. */
export function markLogIn(): void {
  localStorage.setItem(MARK, "yes")
}

/**
 * Who looks at a page that is there for everybody, if they are logged in. Without the mark the API is not asked, so
 * that a stranger's first page costs no request, and no 401 in the console.
 */
export function useVisitor(): Schema<"AccountPublic"> | undefined {
  const query = useQuery({
    queryKey: VISITOR,
    queryFn: askWhoItIs,
    enabled: localStorage.getItem(MARK) !== null,
    staleTime: 0,
  })
  return query.data ?? undefined
}

/** Tells the page one is looking at that nobody is logged in any more. */
export function useForgetVisitor(): () => void {
  const queries = useQueryClient()
  return () => {
    localStorage.removeItem(MARK)
    queries.setQueryData(VISITOR, null)
  }
}

async function askWhoItIs(): Promise<Schema<"AccountPublic"> | null> {
  try {
    return (await http.GET("/api/v1/account")).data ?? null
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error
    localStorage.removeItem(MARK)
    return null
  }
}
