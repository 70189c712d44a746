import { type InfiniteData, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { api, type Schema } from "@/api/client"
import { type FeedState, type Settled, useFeed } from "@/app/feed"
import { BY_CURSOR } from "@/components/more"
import { type ActivitySearch, sinceOf } from "./search"

const PATH = "/api/v1/organisations/{organisation_id}/activity"
const PAGE = 50

type Pages = InfiniteData<Schema<"Page_SettledMessagePublic_">, unknown>

/** What came in and what became of it, newest first; what happens meanwhile is put on top. */
export function useActivity(organisationId: string, search: ActivitySearch, paused: boolean) {
  const queries = useQueryClient()
  const [arrived, setArrived] = useState<string[]>([])
  const filters = {
    assistant_id: search.assistant,
    mailbox_id: search.mailbox,
    outcome: search.outcome,
    reason: search.reason,
  }
  const since = search.days === undefined ? undefined : sinceOf(search.days)
  const init = {
    params: { path: { organisation_id: organisationId }, query: { ...filters, since, limit: PAGE } },
  }
  const list = api.useInfiniteQuery("get", PATH, init, BY_CURSOR)
  const queryKey = ["get", PATH, init]
  const onSettled = (message: Settled) => {
    queries.setQueryData<Pages>(queryKey, pages => pages && withMessage(pages, message))
    setArrived(ids => (ids.includes(keyOf(message)) ? ids : [...ids, keyOf(message)]))
  }
  const onBack = () => void queries.invalidateQueries({ queryKey })
  const live: FeedState = useFeed({ organisationId, filters, paused, onSettled, onBack })
  const messages = list.data?.pages.flatMap(page => page.items) ?? []
  return { list, messages, live, arrived }
}

export function keyOf({ message_id, generation }: Settled): string {
  return `${message_id}/${generation}`
}

function withMessage(pages: Pages, message: Settled): Pages {
  const [first, ...others] = pages.pages
  const known = pages.pages.some(page => page.items.some(item => keyOf(item) === keyOf(message)))
  if (!first || known) return pages
  const items = [message, ...first.items].sort((a, b) => b.settled_at.localeCompare(a.settled_at))
  return { ...pages, pages: [{ ...first, items }, ...others] }
}
