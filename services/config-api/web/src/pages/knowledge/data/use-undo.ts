import { notifications } from "@mantine/notifications"
import { useCallback, useMemo, useRef } from "react"
import { useTranslation } from "react-i18next"
import { http, type Schema } from "@/api/client"
import { Problem } from "@/api/problem"
import { useSentence } from "@/components/problem-alert"
import { complained, told } from "@/components/tell"
import { type Content, contentOf, type Entry } from "./fields"
import { CHANGE_SET, type Place, UNDO, VERSIONS } from "./place"
import { useStored } from "./use-entries"

/** Finds the change sets that are to be taken back, the last one first. */
export type FindChangeSets = () => Promise<string[]>

export interface Undo {
  /** Says what was done, and remembers how to take it back. */
  done: (message: string, find: FindChangeSets) => void
  /** Takes back what was done last on this page. */
  last: () => void
}

const PATIENCE_MS = 500

export function useUndo(place: Place): Undo {
  const { t } = useTranslation("knowledge")
  const sentence = useSentence()
  const stored = useStored(place)
  const steps = useRef<FindChangeSets[]>([])
  const said = useRef("")
  const running = useRef<Promise<void>>(Promise.resolve())

  const takeBack = useCallback(
    async (step: FindChangeSets) => {
      const waiting = setTimeout(() => {
        notifications.hide(said.current)
        const message = t("undo.running")
        said.current = notifications.show({
          message,
          loading: true,
          autoClose: false,
          withCloseButton: false,
          role: "status",
        })
      }, PATIENCE_MS)
      try {
        const ids = await step()
        for (const id of ids) await undoChangeSet(place, id, stored)
        notifications.hide(said.current)
        if (ids.length === 0) complained(t("undo.gone"))
        else said.current = told(t("undo.done"))
      } catch (error) {
        notifications.hide(said.current)
        if (error instanceof Problem && error.status === 0) steps.current.push(step)
        complained(sentence(error))
      } finally {
        clearTimeout(waiting)
      }
    },
    [place, stored, t, sentence],
  )
  return useMemo(() => {
    // One after the other, so that each finds what the one before has left.
    const queue = (step: FindChangeSets) => {
      steps.current = steps.current.filter(each => each !== step)
      running.current = running.current.then(() => takeBack(step))
    }
    return {
      done: (message, find) => {
        steps.current.push(find)
        notifications.hide(said.current)
        said.current = told(message, () => queue(find))
      },
      last: () => {
        const step = steps.current.at(-1)
        if (step) queue(step)
      },
    }
  }, [takeBack])
}

/** Takes a change set back, on the server and in what was loaded. */
export async function undoChangeSet(
  place: Place,
  id: string,
  stored: ReturnType<typeof useStored>,
): Promise<void> {
  const path = { ...place, change_set_id: id }
  const { data: made } = await http.POST(UNDO, { params: { path } })
  if (!made) return
  const changes = await changesOf(place, made.id)
  stored.remove(changes.filter(({ after }) => !after).map(({ entry_id }) => entry_id))
  const back = changes.flatMap(({ entry_id, after }) => (after ? [entryOf(place, entry_id, after)] : []))
  if (!stored.put(back)) await stored.renew()
}

async function changesOf(place: Place, id: string): Promise<Schema<"ChangePublic">[]> {
  const path = { ...place, change_set_id: id }
  const changes: Schema<"ChangePublic">[] = []
  let cursor: string | undefined
  do {
    const { data } = await http.GET(CHANGE_SET, { params: { path, query: { limit: 500, cursor } } })
    changes.push(...(data?.items ?? []))
    cursor = data?.next_cursor ?? undefined
  } while (cursor)
  return changes
}

function entryOf({ assistant_id }: Place, id: string, content: Content): Entry {
  const now = new Date().toISOString()
  return { id, assistant_id, created_at: now, updated_at: now, ...content }
}

/** The change set that made an entry what it then was; null where it was deleted. */
export function changeSetOf(place: Place, entryId: string, after: Content | null): FindChangeSets {
  const made = after && JSON.stringify(contentOf(after))
  return async () => {
    const path = { ...place, entry_id: entryId }
    const { data } = await http.GET(VERSIONS, { params: { path, query: { limit: 100 } } })
    const found = data?.items.find(each => (each.after && JSON.stringify(contentOf(each.after))) === made)
    return found ? [found.change_set.id] : []
  }
}
