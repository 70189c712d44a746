import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query"
import { useEffect, useMemo } from "react"
import { http, type Schema } from "@/api/client"
import type { Entry } from "./fields"
import { KNOWLEDGE, type Place } from "./place"

type Page = Schema<"Page_KnowledgePublic_">
type Pages = InfiniteData<Page, string | undefined>

// The first page is on the screen at once, the others come as few as the API allows.
const FIRST_PAGE = 100
const PAGE = 500

const keyOf = (place: Place) => ["knowledge-entries", place.assistant_id]

/** All entries, oldest first, page by page in the background; `complete` once the last one is here. */
export function useEntries(place: Place) {
  const query = useInfiniteQuery({
    queryKey: keyOf(place),
    queryFn: ({ pageParam: cursor, signal }) => fetchPage(place, cursor, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next_cursor ?? undefined,
    refetchOnWindowFocus: false,
    structuralSharing: false, // comparing thousands of entries would cost more than showing the few that are seen
  })
  const { hasNextPage, isFetching, isError, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage()
  }, [hasNextPage, isFetching, isError, fetchNextPage])
  const entries = useMemo(() => unique(query.data?.pages ?? []), [query.data])
  const retry = () => void (query.data ? fetchNextPage() : query.refetch())
  return {
    entries,
    loading: query.isPending,
    complete: query.isSuccess && !hasNextPage,
    error: query.error,
    retry,
  }
}

async function fetchPage(place: Place, cursor: string | undefined, signal: AbortSignal): Promise<Page> {
  const query = { limit: cursor ? PAGE : FIRST_PAGE, cursor }
  const { data } = await http.GET(KNOWLEDGE, { params: { path: place, query }, signal })
  return data as Page
}

/** What was added while pages were on their way is there twice for a moment. */
function unique(pages: Page[]): Entry[] {
  return [...new Map(pages.flatMap(page => page.items).map(entry => [entry.id, entry])).values()]
}

/** Writes into what was loaded, so that nothing has to be loaded again after a change. */
export function useStored(place: Place) {
  const queries = useQueryClient()
  return useMemo(() => {
    const key = keyOf(place)
    const write = (change: (items: Entry[]) => Entry[]) =>
      queries.setQueryData<Pages>(
        key,
        old => old && { ...old, pages: old.pages.map(page => ({ ...page, items: change(page.items) })) },
      )
    const known = () =>
      new Set(queries.getQueryData<Pages>(key)?.pages.flatMap(page => page.items.map(({ id }) => id)))
    return {
      /** Returns whether all were there already. */
      put(entries: Entry[]): boolean {
        const byId = new Map(entries.map(entry => [entry.id, entry]))
        const there = known()
        const fresh = entries.filter(({ id }) => !there.has(id))
        write(items => items.map(item => byId.get(item.id) ?? item))
        queries.setQueryData<Pages>(key, old => old && { ...old, pages: started(old.pages, fresh) })
        return fresh.length === 0
      },
      remove(ids: Iterable<string>) {
        const gone = new Set(ids)
        write(items =>
          items.some(({ id }) => gone.has(id)) ? items.filter(({ id }) => !gone.has(id)) : items,
        )
      },
      renew: () => queries.invalidateQueries({ queryKey: key }),
    }
  }, [queries, place])
}

function started(pages: Page[], fresh: Entry[]): Page[] {
  const [first, ...rest] = pages
  return first && fresh.length > 0 ? [{ ...first, items: [...fresh, ...first.items] }, ...rest] : pages
}
