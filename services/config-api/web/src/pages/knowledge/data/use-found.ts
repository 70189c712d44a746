import { useDeferredValue, useMemo } from "react"
import { api } from "@/api/client"
import type { Entry } from "./fields"
import { KNOWLEDGE, type Place } from "./place"
import { dayOf, found, type Wanted, wordsOf } from "./search"

/** What is looked for: in the browser once everything is loaded, until then also by the API. */
export function useFound(place: Place, loaded: Entry[], complete: boolean, wanted: Wanted) {
  const { q, tag, language, validity } = useDeferredValue(wanted)
  const today = dayOf(new Date())
  const filtered = Boolean(q || tag || language || validity)
  const query = { q, tag, language, valid_on: validity === "now" ? today : undefined, limit: 500 }
  const asked = api.useQuery(
    "get",
    KNOWLEDGE,
    { params: { path: place, query } },
    { enabled: filtered && !complete, gcTime: 0 },
  )
  const entries = useMemo(() => {
    const here = found(loaded, { q, tag, language, validity }, today)
    if (complete || !filtered || !asked.data) return here
    const known = new Set(loaded.map(({ id }) => id))
    const others = asked.data.items.filter(({ id }) => !known.has(id))
    return [...here, ...found(others, { validity }, today)]
  }, [loaded, complete, filtered, asked.data, q, tag, language, validity, today])
  const words = useMemo(() => wordsOf(q), [q])
  return { entries, words, filtered, searching: filtered && !complete }
}
