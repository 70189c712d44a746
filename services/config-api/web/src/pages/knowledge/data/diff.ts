import { type Content, ENTRY_FIELDS, type Field, textOf } from "./fields"

export interface Part {
  text: string
  kind: "same" | "added" | "removed"
}

// A table of so many numbers takes a few milliseconds; longer texts are shown one after the other.
const MOST_CELLS = 250_000

/** The fields in which two versions differ; all that are filled where there is one version only. */
export function differing(before: Content | null, after: Content | null): Field[] {
  const text = (content: Content | null, field: Field) => (content ? textOf(content, field) : "")
  return ENTRY_FIELDS.filter(field => text(before, field) !== text(after, field))
}

/** What became of a text, word by word (longest common subsequence). */
export function wordDiff(before: string, after: string): Part[] {
  const old = words(before)
  const now = words(after)
  if (old.length * now.length > MOST_CELLS) return joined([part(before, "removed"), part(after, "added")])
  const common = lengths(old, now)
  const parts: Part[] = []
  let [i, j] = [0, 0]
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) {
      parts.push(part(old[i], "same"))
      i++
      j++
    } else if (at(common, i + 1, j) >= at(common, i, j + 1)) {
      parts.push(part(old[i++], "removed"))
    } else {
      parts.push(part(now[j++], "added"))
    }
  }
  const rest = [
    ...old.slice(i).map(word => part(word, "removed")),
    ...now.slice(j).map(word => part(word, "added")),
  ]
  return joined([...parts, ...rest])
}

const words = (text: string) => text.match(/\s+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []
const part = (text: string | undefined, kind: Part["kind"]): Part => ({ text: text ?? "", kind })
const at = (table: number[][], i: number, j: number) => table[i]?.[j] ?? 0

/** How long the longest common subsequence of what follows i and j is. */
function lengths(old: string[], now: string[]): number[][] {
  const table: number[][] = Array.from({ length: old.length + 1 }, () => [])
  for (let i = old.length - 1; i >= 0; i--) {
    const row = table[i] ?? []
    for (let j = now.length - 1; j >= 0; j--) {
      const same = old[i] === now[j]
      row[j] = same ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), row[j + 1] ?? 0)
    }
  }
  return table
}

function joined(parts: Part[]): Part[] {
  const made: Part[] = []
  for (const each of parts.filter(({ text }) => text)) {
    const last = made.at(-1)
    if (last?.kind === each.kind) last.text += each.text
    else made.push({ ...each })
  }
  return made
}
