import { useCallback, useState } from "react"
import type { Place } from "../data/place"
import type { Draft } from "./new-row"

/** The new entry that is being written in the first row; it stays in this tab until it is saved. */
export function useDraft({ assistant_id }: Place) {
  const key = `kept:knowledge-row:${assistant_id}`
  const [draft, setDraft] = useState<Draft>(() => JSON.parse(sessionStorage.getItem(key) ?? "{}") as Draft)
  const write = useCallback(
    (made: Draft) => {
      setDraft(made)
      sessionStorage.setItem(key, JSON.stringify(made))
    },
    [key],
  )
  return [draft, write] as const
}
