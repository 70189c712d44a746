import type { Schema } from "@/api/client"

export type Entry = Schema<"KnowledgePublic">
export type Content = Schema<"KnowledgeContent">

export const ENTRY_FIELDS = [
  "question",
  "answer",
  "examples",
  "tags",
  "language",
  "valid_from",
  "valid_until",
] as const satisfies readonly (keyof Content)[]
export type Field = (typeof ENTRY_FIELDS)[number]

export const EMPTY: Content = {
  question: "",
  answer: "",
  examples: [],
  tags: [],
  language: "de",
  valid_from: null,
  valid_until: null,
}

/** How a field is written as one text, in a cell as well as in a spreadsheet. */
export function textOf(content: Content, field: Field): string {
  if (field === "examples") return content.examples.join("\n")
  if (field === "tags") return joinTags(content.tags)
  return content[field] ?? ""
}

/** The reverse of `textOf`, as a field of an entry: `{ tags: ["Preise"] }`. */
export function fieldOf(field: Field, text: string): Partial<Content> {
  if (field === "examples") return { examples: lines(text) }
  if (field === "tags") return { tags: splitTags(text) }
  if (field === "language") return { language: text.trim().toLowerCase() || "de" }
  if (field === "valid_from" || field === "valid_until") return { [field]: dayOf(text) }
  return { [field]: text }
}

export function contentOf(entry: Content): Content {
  return Object.fromEntries(ENTRY_FIELDS.map(field => [field, entry[field]])) as unknown as Content
}

export function lines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(Boolean)
}

/** Separated by commas, in quotes where there is a separator in one: as the API's export has them. */
export function joinTags(tags: readonly string[]): string {
  return tags.map(tag => (/[,;\n"]/.test(tag) ? `"${tag.replaceAll('"', '""')}"` : tag)).join(", ")
}

const TAG = /\s*(?:"((?:[^"]|"")*)"\s*|([^,;\n]*))(?:[,;\n]|$)/g

export function splitTags(text: string): string[] {
  const found = [...text.matchAll(TAG)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  )
  return [...new Set(found.map(tag => tag.trim()).filter(Boolean))]
}

/** "2026-12-24", also from "24.12.2026"; what is no day stays as it is, for the API to refuse. */
function dayOf(text: string): string | null {
  const [, day, month, year] = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text.trim()) ?? []
  if (day && month && year) return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`
  return text.trim() || null
}
