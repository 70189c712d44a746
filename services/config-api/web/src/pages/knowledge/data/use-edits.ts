import { useCallback, useMemo, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { http } from "@/api/client"
import { Problem } from "@/api/problem"
import { useSentence } from "@/components/problem-alert"
import { complained } from "@/components/tell"
import { type Content, ENTRY_FIELDS, type Entry, type Field, textOf } from "./fields"
import { ENTRY, KNOWLEDGE, type Place } from "./place"
import { useStored } from "./use-entries"
import { changeSetOf, type Undo } from "./use-undo"

/** How it stands with a cell that was changed; what was typed is kept in `text` until it is saved. */
export interface Mark {
  state: "saving" | "saved" | "failed"
  text: string
  reason?: string
}
export type Marks = Partial<Record<Field, Mark>>

const SAVED_SHOWN_MS = 2500

export function useEdits(place: Place, undo: Undo) {
  const { t } = useTranslation("knowledge")
  const sentence = useSentence()
  const stored = useStored(place)
  const [marks, setMarks] = useState<Record<string, Marks>>({})
  const [recent, setRecent] = useState<string[]>([])
  const waiting = useRef(new Map<string, Promise<unknown>>())

  const mark = useCallback((id: string, fields: Field[], made: (field: Field) => Mark | undefined) => {
    setMarks(old => {
      const entries = fields.map(field => [field, made(field)] as const)
      return { ...old, [id]: { ...old[id], ...Object.fromEntries(entries) } }
    })
  }, [])

  /** Raises Problem, for a form that says it beside its fields. */
  const update = useCallback(
    async (entry: Entry, values: Partial<Content>): Promise<Entry> => {
      const { data } = await http.PATCH(ENTRY, {
        params: { path: { ...place, entry_id: entry.id } },
        body: values,
      })
      const changed = data as Entry
      stored.put([changed])
      undo.done(t("said.changed"), changeSetOf(place, entry.id, changed))
      return changed
    },
    [place, stored, undo, t],
  )

  const patch = useCallback(
    async (entry: Entry, values: Partial<Content>, fields: Field[]) => {
      const text = (field: Field) => textOf({ ...entry, ...values }, field)
      try {
        await update(entry, values)
        mark(entry.id, fields, field => ({ state: "saved", text: text(field) }))
        setTimeout(() => mark(entry.id, fields, () => undefined), SAVED_SHOWN_MS)
      } catch (error) {
        const faults = error instanceof Problem ? error.fields : {}
        const reason = (field: Field) => faults[field] || sentence(error)
        mark(entry.id, fields, field => ({ state: "failed", text: text(field), reason: reason(field) }))
      }
    },
    [update, mark, sentence],
  )

  const save = useCallback(
    (entry: Entry, values: Partial<Content>) => {
      const fields = ENTRY_FIELDS.filter(field => field in values)
      mark(entry.id, fields, field => ({ state: "saving", text: textOf({ ...entry, ...values }, field) }))
      // One after the other for each entry, so that the last word is the last one typed.
      const before = waiting.current.get(entry.id) ?? Promise.resolve()
      waiting.current.set(
        entry.id,
        before.then(() => patch(entry, values, fields)),
      )
    },
    [mark, patch],
  )

  const create = useCallback(
    async (content: Content): Promise<Entry> => {
      const { data } = await http.POST(KNOWLEDGE, { params: { path: place }, body: content })
      const made = data as Entry
      stored.put([made])
      setRecent(old => [made.id, ...old])
      undo.done(t("said.added"), changeSetOf(place, made.id, made))
      return made
    },
    [place, stored, undo, t],
  )

  const remove = useCallback(
    async (entry: Entry) => {
      try {
        await http.DELETE(ENTRY, { params: { path: { ...place, entry_id: entry.id } } })
        stored.remove([entry.id])
        undo.done(t("said.deleted"), changeSetOf(place, entry.id, null))
      } catch (error) {
        complained(sentence(error))
      }
    },
    [place, stored, undo, t, sentence],
  )

  const forget = useCallback((id: string, field: Field) => mark(id, [field], () => undefined), [mark])
  return useMemo(
    () => ({ marks, recent, save, update, create, remove, forget }),
    [marks, recent, save, update, create, remove, forget],
  )
}

export type Edits = ReturnType<typeof useEdits>
