import { http, type Schema } from "@/api/client"
import { Problem } from "@/api/problem"
import type { Entry } from "./fields"
import type { PastedEntry } from "./pasted"
import { IMPORT, type Place, PREVIEW } from "./place"

/** What is imported: a file, or entries as a table or a program has them. */
export type Source = File | (PastedEntry | Partial<Entry>)[]

/** What the import would do; nothing is changed. */
export async function previewOf(
  place: Place,
  source: Source,
  removeMissing = false,
): Promise<Schema<"ImportPreview">> {
  const { data } = await http.POST(PREVIEW, { params: { path: place }, ...sent(source, removeMissing, "") })
  return data as Schema<"ImportPreview">
}

/** Does exactly what the preview with this digest has shown. */
export async function apply(
  place: Place,
  source: Source,
  removeMissing: boolean,
  digest: string,
): Promise<Schema<"ImportDone">> {
  const { data } = await http.POST(IMPORT, {
    params: { path: place },
    ...sent(source, removeMissing, digest),
  })
  return data as Schema<"ImportDone">
}

function sent(source: Source, removeMissing: boolean, digest: string) {
  if (!(source instanceof File)) return { body: { entries: source, remove_missing: removeMissing, digest } }
  const form = new FormData()
  form.set("file", source)
  form.set("remove_missing", String(removeMissing))
  form.set("digest", digest)
  return { body: form as never, bodySerializer: (body: unknown) => body as FormData }
}

const MOST_AT_ONCE = 500 // as many removals as a preview names

/**
 * Deletes entries in one change set for each 500, and returns these, the last one first. The API has no such operation: it is an import of
 * everything else. Raises Problem (`import_outdated`) where somebody has changed the knowledge meanwhile.
 */
export async function removeAll(
  place: Place,
  everything: Entry[],
  ids: ReadonlySet<string>,
  onProgress: (share: number) => void,
): Promise<string[]> {
  const made: string[] = []
  const left = [...ids]
  const gone = new Set<string>()
  while (left.length > 0) {
    const now = new Set(left.splice(0, MOST_AT_ONCE))
    for (const id of now) gone.add(id)
    const kept = everything.filter(({ id }) => !gone.has(id)).map(({ id }) => ({ id }))
    const preview = await previewOf(place, kept, true)
    const exactly =
      preview.removed === now.size &&
      preview.added + preview.changed === 0 &&
      preview.changes.every(({ entry_id }) => entry_id !== null && now.has(entry_id))
    if (!exactly || !preview.digest) throw new Problem(409, { reason: "import_outdated" })
    const { change_set } = await apply(place, kept, true, preview.digest)
    if (change_set) made.unshift(change_set)
    onProgress(gone.size / ids.size)
  }
  return made
}

/** Changes entries as they are given, in one change set. Raises Problem (`import_outdated`) as above. */
export async function applyAll(place: Place, source: Source): Promise<string[]> {
  const { digest } = await previewOf(place, source)
  if (!digest) throw new Problem(409, { reason: "import_outdated" })
  const { change_set } = await apply(place, source, false, digest)
  return change_set ? [change_set] : []
}
