import { useCallback, useMemo, useRef, useState } from "react"
import type { Entry } from "./fields"

/** Which entries are chosen; only those that are shown count. */
export function useChosen(entries: Entry[]) {
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set())
  const last = useRef<string>(undefined)
  const ids = useMemo(
    () => (marked.size === 0 ? marked : new Set(entries.map(({ id }) => id).filter(id => marked.has(id)))),
    [entries, marked],
  )
  const toggle = useCallback(
    (id: string, range: boolean) => {
      const from = range ? entries.findIndex(entry => entry.id === last.current) : -1
      const to = entries.findIndex(entry => entry.id === id)
      const meant =
        from < 0 ? [id] : entries.slice(Math.min(from, to), Math.max(from, to) + 1).map(entry => entry.id)
      last.current = id
      setMarked(old => {
        const made = new Set(old)
        const on = !old.has(id)
        for (const each of meant) on ? made.add(each) : made.delete(each)
        return made
      })
    },
    [entries],
  )
  const toggleAll = useCallback(
    (all: boolean) => setMarked(new Set(all ? entries.map(({ id }) => id) : [])),
    [entries],
  )
  const clear = useCallback(() => setMarked(new Set()), [])
  return { ids, toggle, toggleAll, clear }
}
