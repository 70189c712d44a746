import { useCallback, useLayoutEffect, useRef, useState } from "react"
import { type Cell, type Size, within } from "../data/moves"
import { columnOf, elementOf, NEW_ROW } from "./columns"

/**
 * The one cell that the Tab key reaches (roving tabindex), and whether it is edited: `typed` is undefined where it is
 * not, empty where its text is edited as it is, and else what the new text begins with.
 */
export function useActive(size: Pick<Size, "rows" | "columns">) {
  const [chosen, setActive] = useState<Cell>({ row: NEW_ROW, column: columnOf("question") })
  const [typed, setTyped] = useState<string>()
  const wantsFocus = useRef(false)
  const active = within(chosen, size)

  useLayoutEffect(() => {
    if (!wantsFocus.current || typed !== undefined) return
    wantsFocus.current = false
    const cell = elementOf(active.row, active.column)
    cell?.focus({ preventScroll: true })
    cell?.scrollIntoView({ block: "nearest", inline: "nearest" })
    // This row is always in sight; whoever goes there wants the top.
    if (active.row === NEW_ROW) cell?.closest("[role=grid]")?.parentElement?.scrollTo({ top: 0 })
  })
  const go = useCallback((cell: Cell, begin?: string) => {
    wantsFocus.current = true
    setActive(cell)
    setTyped(begin)
  }, [])
  /** Ends editing; `focus` where the cell is to keep the keyboard. */
  const stay = useCallback((focus: boolean) => {
    wantsFocus.current = focus
    setTyped(undefined)
  }, [])
  return { active, typed, go, stay, setActive }
}
