import { ENTRY_FIELDS, type Field } from "./fields"

/** Rows of cells as spreadsheets put them on the clipboard: tabs, line ends, and quotes where a cell holds either. */
export function parseBlock(text: string): string[][] {
  const rows: string[][] = [[]]
  let place = 0
  while (place <= text.length) {
    const [cell, end] = cellAt(text, place)
    rows.at(-1)?.push(cell)
    const rest = text.slice(end, end + 2)
    if (end >= text.length) break
    place = end + (rest === "\r\n" ? 2 : 1)
    if (rest[0] === "\t") continue
    if (place >= text.length) break // the last line's end begins no row
    rows.push([])
  }
  return rows
}

const QUOTED = /"((?:[^"]|"")*)"(?=\t|\r?\n|$)/y
const PLAIN = /[^\t\r\n]*/y

/** A cell and where it ends. Excel quotes only what needs it: a quote that is not closed at a cell's end is a word's. */
function cellAt(text: string, place: number): [string, number] {
  QUOTED.lastIndex = place
  const quoted = QUOTED.exec(text)
  if (quoted) return [(quoted[1] ?? "").replaceAll('""', '"').replaceAll("\r\n", "\n"), QUOTED.lastIndex]
  PLAIN.lastIndex = place
  const plain = PLAIN.exec(text)?.[0] ?? ""
  return [plain, place + plain.length]
}

/** The reverse of `parseBlock`, for copying. */
export function toBlock(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => (/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  return rows.map(row => row.map(cell).join("\t")).join("\n")
}

const HEADINGS: Record<string, Field> = {
  frage: "question",
  question: "question",
  antwort: "answer",
  answer: "answer",
  beispiele: "examples",
  beispielfragen: "examples",
  examples: "examples",
  "example questions": "examples",
  schlagwörter: "tags",
  schlagworte: "tags",
  tags: "tags",
  sprache: "language",
  language: "language",
  "gültig ab": "valid_from",
  "gültig von": "valid_from",
  "valid from": "valid_from",
  "gültig bis": "valid_until",
  "valid until": "valid_until",
}

/** What an import is told of one entry: the cells as text, and the id where the entry is there already. */
export type PastedEntry = Partial<Record<Field, string>> & { id?: string }

/**
 * Lays a block over the table: its columns begin at `from`, unless its first row holds headings, and its rows are those
 * with `ids` in turn. What goes beyond them, and all without `ids`, is new.
 */
export function laid(block: readonly string[][], from: Field, ids: readonly string[] = []): PastedEntry[] {
  const headings = (block[0] ?? []).map(cell => HEADINGS[cell.trim().toLowerCase()])
  const headed = block.length > 1 && headings.every(field => field !== undefined)
  const columns = headed ? headings : ENTRY_FIELDS.slice(ENTRY_FIELDS.indexOf(from))
  const rows = (headed ? block.slice(1) : block).filter(row => row.some(cell => cell.trim()))
  return rows.map((row, position) => {
    const cells = row.flatMap((cell, at) => {
      const field = columns[at]
      return field ? [[field, cell] as const] : []
    })
    const id = ids[position]
    return { ...(id ? { id } : {}), ...Object.fromEntries(cells) }
  })
}
