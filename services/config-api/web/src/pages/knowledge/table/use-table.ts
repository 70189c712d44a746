import { type ClipboardEvent, type FocusEvent, type KeyboardEvent, type MouseEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import { Problem } from "@/api/problem"
import { useSentence } from "@/components/problem-alert"
import { complained } from "@/components/tell"
import { type Content, EMPTY, ENTRY_FIELDS, type Entry, type Field, fieldOf, textOf } from "../data/fields"
import { along, type Cell, moved, within } from "../data/moves"
import { parseBlock, toBlock } from "../data/pasted"
import type { Onward } from "./cell-editor"
import { CHOICE, COLUMNS, columnOf, fieldIn, NEW_ROW } from "./columns"
import type { TableProps } from "./table"
import { useActive } from "./use-active"
import { useDraft } from "./use-draft"

/** What keys, clicks and the clipboard do in the table. */
export function useTable({ place, entries, edits, chosen, onPasteRows }: TableProps, page: () => number) {
  const { t, i18n } = useTranslation("knowledge")
  const sentence = useSentence()
  const [draft, setDraft] = useDraft(place)
  const [creating, setCreating] = useState(false)
  const size = { rows: entries.length + 1, columns: COLUMNS }
  const { active, typed, go, stay, setActive } = useActive(size)
  const entryIn = (row: number): Entry | undefined => entries[row - 1]
  const firstField: Cell = { row: NEW_ROW, column: columnOf("question") }

  const textIn = (row: number, field: Field): string => {
    const entry = entryIn(row)
    if (!entry) return draft[field] ?? ""
    const mark = edits.marks[entry.id]?.[field]
    return mark && mark.state !== "saved" ? mark.text : textOf(entry, field)
  }
  /** Writes texts into cells of one row. */
  const write = (row: number, texts: Partial<Record<Field, string>>) => {
    const entry = entryIn(row)
    if (!entry) return setDraft({ ...draft, ...texts })
    const fields = ENTRY_FIELDS.filter(field => texts[field] !== undefined)
    const values = Object.assign(
      {},
      ...fields.map(field => fieldOf(field, texts[field] ?? "")),
    ) as Partial<Content>
    if (
      fields.some(
        field => textOf({ ...entry, ...values }, field) !== textIn(row, field) || failed(entry, field),
      )
    ) {
      edits.save(entry, values)
    }
  }
  const failed = (entry: Entry, field: Field) => edits.marks[entry.id]?.[field]?.state === "failed"

  const create = async (from = draft) => {
    if (creating || !Object.values(from).some(Boolean)) return
    if (!from.answer?.trim()) {
      complained(t("new.needsAnswer"))
      return go({ row: NEW_ROW, column: columnOf("answer") }, "")
    }
    const values = ENTRY_FIELDS.filter(field => from[field]).map(field => fieldOf(field, from[field] ?? ""))
    setCreating(true)
    try {
      await edits.create(Object.assign({ ...EMPTY, language: i18n.language }, ...values) as Content)
      setDraft({})
      go(firstField)
    } catch (error) {
      const faults = error instanceof Problem ? Object.values(error.fields) : []
      complained(faults.filter(Boolean).join(" ") || sentence(error))
    } finally {
      setCreating(false)
    }
  }
  const discard = () => {
    setDraft({})
    go(firstField)
  }

  const onDone = (text: string | undefined, onward: Onward) => {
    const field = fieldIn(active.column)
    if (!field) return
    const entry = entryIn(active.row)
    const again = entry && failed(entry, field) && onward !== "here" && onward !== "away"
    if (text !== undefined || again) write(active.row, { [field]: text ?? textIn(active.row, field) })
    if (onward === "here" || onward === "away") return stay(onward === "here")
    if (!entry) return onInNewRow(field, text, onward)
    if (onward === "down") return go(within({ row: active.row + 1, column: active.column }, size))
    next(onward === "left")
  }
  const next = (back: boolean) => {
    const fields = { rows: size.rows, columns: ENTRY_FIELDS.length }
    const to = along({ row: active.row, column: active.column - 1 }, back, fields)
    if (to) go({ row: to.row, column: to.column + 1 }, "")
    else stay(true)
  }
  const onInNewRow = (field: Field, text: string | undefined, onward: Onward) => {
    const made = text === undefined ? draft : { ...draft, [field]: text }
    const last = columnOf(field) === ENTRY_FIELDS.length
    if ((onward === "down" && made.answer?.trim()) || (onward === "right" && last)) return void create(made)
    next(onward === "left")
  }

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (typed !== undefined || !isInside(event)) return
    const field = fieldIn(active.column)
    const entry = entryIn(active.row)
    const to = moved(active, event, { ...size, page: page() })
    if (to) go(to)
    else if (field && (event.key === "F2" || event.key === "Enter")) go(active, "")
    else if (field && (event.key === "Delete" || event.key === "Backspace"))
      write(active.row, { [field]: "" })
    else if (entry && field && event.key === "Escape" && failed(entry, field)) edits.forget(entry.id, field)
    else if (field && isCharacter(event)) go(active, event.key)
    else return
    event.preventDefault()
  }
  const onClick = (event: MouseEvent<HTMLElement>) => {
    const cell = isInside(event) && cellOf(event.target)
    if (!cell || !fieldIn(cell.column)) return
    const same = cell.row === active.row && cell.column === active.column
    if (!same || typed === undefined) go(cell, "")
  }
  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const cell = isInside(event) && cellOf(event.target)
    if (cell && (cell.row !== active.row || cell.column !== active.column)) setActive(cell)
  }
  const onBlock = (block: string[][]) => {
    stay(true)
    const column = active.column === CHOICE ? 1 : active.column
    const [row, ...more] = block
    if (more.length > 0) return onPasteRows(block, active.row, column)
    const cells = (row ?? []).map((text, at) => [fieldIn(column + at), text]).filter(([field]) => field)
    write(active.row, Object.fromEntries(cells))
  }
  const onPaste = (event: ClipboardEvent<HTMLElement>) => {
    if (typed !== undefined || !isInside(event)) return
    event.preventDefault()
    onBlock(parseBlock(event.clipboardData.getData("text/plain")))
  }
  const onCopy = (event: ClipboardEvent<HTMLElement>) => {
    const field = fieldIn(active.column)
    if (typed !== undefined || !isInside(event) || window.getSelection()?.toString()) return
    const rows = entries
      .filter(({ id }) => chosen.has(id))
      .map(entry => ENTRY_FIELDS.map(each => textOf(entry, each)))
    const block = rows.length > 0 ? rows : field && [[textIn(active.row, field)]]
    if (!block) return
    event.clipboardData.setData("text/plain", toBlock(block))
    event.preventDefault()
  }
  const on = { onKeyDown, onClick, onFocus, onPaste, onCopy, onBlock, onDone }
  return { active, typed, draft, discard, create: () => void create(), ...on }
}

/** Menus and editors in portals pass their events on as if they were in the table. */
function isInside(event: { currentTarget: HTMLElement; target: EventTarget }): boolean {
  return event.currentTarget.contains(event.target as Node)
}

function isCharacter(event: KeyboardEvent): boolean {
  return event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey
}

function cellOf(target: EventTarget): Cell | undefined {
  const { row, column } = (target as Element).closest<HTMLElement>("[data-column]")?.dataset ?? {}
  return row === undefined || column === undefined ? undefined : { row: Number(row), column: Number(column) }
}
