import { useEffect, useState } from "react"
import { api, type Schema } from "@/api/client"
import { type Settled, useFeed } from "@/app/feed"

const LIST = "/api/v1/organisations/{organisation_id}/activity"
const EVERY = 5_000 // for what settles while the feed is not yet open
const SECOND = 1_000
export const LONG = 90_000

/** What became of the mail that arrived at this moment; `late` where nothing became of it for unusually long. */
export function useSettled(mailbox: Schema<"MailboxPublic">, receivedAt: string) {
  const [late, setLate] = useState(false)
  const arrived = new Date(receivedAt).getTime()
  const isIt = (message: Settled) => Math.abs(new Date(message.received_at).getTime() - arrived) < SECOND
  const path = { organisation_id: mailbox.organisation_id }
  const query = { mailbox_id: mailbox.id, limit: 100 }
  const list = api.useQuery(
    "get",
    LIST,
    { params: { path, query } },
    {
      staleTime: 0,
      refetchInterval: ({ state }: { state: { data?: Schema<"Page_SettledMessagePublic_"> } }) =>
        state.data?.items.some(isIt) ? false : EVERY,
    },
  )
  const settled = list.data?.items.find(isIt)
  useFeed({
    organisationId: mailbox.organisation_id,
    filters: { mailbox_id: mailbox.id },
    paused: settled !== undefined,
    onSettled: () => void list.refetch(),
  })
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), LONG)
    return () => window.clearTimeout(timer)
  }, [])
  return { settled, late: late && !settled, error: list.error }
}
