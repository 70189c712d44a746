import { useEffect, useEffectEvent, useState } from "react"
import { http, type Schema } from "@/api/client"
import { readEvents } from "@/api/events"
import { Problem } from "@/api/problem"

export type Settled = Schema<"SettledMessagePublic">
export type FeedState = "connecting" | "live" | "broken" | "paused"

/** Which messages; what is undefined is not looked at. */
export interface FeedFilters {
  assistant_id?: string
  mailbox_id?: string
  outcome?: Schema<"Outcome">
  reason?: string
}

interface Feed {
  organisationId: string
  filters?: FeedFilters
  paused?: boolean
  /** May hear of one message twice. */
  onSettled: (message: Settled) => void
  /** It was broken and goes on: what happened in between may be missing. */
  onBack?: () => void
}

const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 30_000
const SECONDS = 300

/** What settles from now on, as it happens; a connection that breaks is made again, ever more patiently. */
export function useFeed({ organisationId, filters, paused = false, onSettled, onBack }: Feed): FeedState {
  const [state, setState] = useState<FeedState>("connecting")
  const heard = useEffectEvent(onSettled)
  const back = useEffectEvent(() => onBack?.())
  const asked = JSON.stringify(filters ?? {})
  useEffect(() => {
    if (paused) return setState("paused")
    const ended = new AbortController()
    void follow(organisationId, JSON.parse(asked) as FeedFilters, ended.signal, {
      heard,
      back,
      told: setState,
    })
    return () => ended.abort()
  }, [organisationId, asked, paused])
  return state
}

interface Listener {
  heard: (message: Settled) => void
  back: () => void
  told: (state: FeedState) => void
}

async function follow(organisationId: string, filters: FeedFilters, signal: AbortSignal, listener: Listener) {
  let last = ""
  let failures = 0
  listener.told("connecting")
  while (!signal.aborted) {
    try {
      const { data } = await http.GET("/api/v1/organisations/{organisation_id}/activity/feed", {
        params: {
          path: { organisation_id: organisationId },
          query: { ...filters, seconds: SECONDS },
          header: last ? { "last-event-id": last } : {},
        },
        parseAs: "stream",
        signal,
      })
      listener.told("live")
      if (failures) listener.back()
      failures = 0
      for await (const { id, event, data: message } of readEvents(data as ReadableStream<Uint8Array>)) {
        last = id || last
        if (event === "settled") listener.heard(message as Settled)
      }
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      listener.told("broken")
      if (error instanceof Problem && [401, 403, 404].includes(error.status)) return
      await pause(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)), signal)
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener("abort", () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
