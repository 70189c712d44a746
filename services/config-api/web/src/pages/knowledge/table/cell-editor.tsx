import { type ClipboardEvent, type KeyboardEvent, useLayoutEffect, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import type { Field } from "../data/fields"
import { parseBlock } from "../data/pasted"
import classes from "./table.module.css"
import { useLanguages } from "./use-languages"

/** Where to go on. */
export type Onward = "down" | "right" | "left" | "here" | "away"

interface CellEditorProps {
  field: Field
  text: string
  /** What the row is about. */
  about: string
  /** What was typed to begin with; it takes the place of the text. */
  typed: string | undefined
  /** `text` is undefined where nothing is to be changed. */
  onDone: (text: string | undefined, onward: Onward) => void
  /** A block of cells was pasted, which is not for this cell alone. */
  onBlock: (block: string[][]) => void
}

/** Edits one cell: Enter and Tab go on, Shift+Enter is a new line, Escape leaves it as it was. */
export function CellEditor({ field, text, about, typed, onDone, onBlock }: CellEditorProps) {
  const [value, setValue] = useState(typed ?? text)
  const input = useRef<HTMLElement | null>(null)
  const over = useRef(false)
  const { t } = useTranslation("knowledge")
  const languages = useLanguages()

  useLayoutEffect(() => {
    input.current?.focus({ preventScroll: true })
    input.current?.scrollIntoView({ block: "nearest", inline: "nearest" })
    if (input.current instanceof HTMLTextAreaElement) {
      const end = input.current.value.length
      input.current.setSelectionRange(end, end)
    }
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: it grows with what is typed
  useLayoutEffect(() => {
    if (input.current instanceof HTMLTextAreaElement) grow(input.current)
  }, [value])

  const finish = (onward: Onward, keep = true) => {
    if (over.current) return
    over.current = true
    onDone(keep && value !== text ? value : undefined, onward)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.nativeEvent.isComposing) return
    if (event.key === "Escape") finish("here", false)
    else if (event.key === "Tab") finish(event.shiftKey ? "left" : "right")
    else if (event.key === "Enter" && !event.shiftKey && !event.altKey) finish("down")
    else return
    event.preventDefault()
  }
  const onPaste = (event: ClipboardEvent) => {
    event.stopPropagation()
    const block = parseBlock(event.clipboardData.getData("text/plain"))
    if (block.every(row => row.length < 2)) return
    event.preventDefault()
    over.current = true
    onBlock(block)
  }
  const shared = {
    ref: (element: HTMLElement | null) => {
      input.current = element
    },
    className: classes.editor,
    "aria-label": `${t(`field.${field}`)}: ${about}`,
    value,
    onKeyDown,
    onPaste,
    onBlur: () => finish("away"),
  }
  if (field === "language") {
    return (
      <select {...shared} onChange={event => setValue(event.target.value)}>
        {languages.choices(text ? [text] : []).map(choice => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    )
  }
  if (field === "valid_from" || field === "valid_until") {
    return <input type="date" {...shared} onChange={event => setValue(event.target.value)} />
  }
  return <textarea {...shared} rows={1} onChange={event => setValue(event.target.value)} />
}

function grow(area: HTMLTextAreaElement) {
  area.style.height = "0"
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`
}
