import type { Entry } from "./fields"

export const VALIDITIES = ["now", "later", "ending", "ended"] as const
export type Validity = (typeof VALIDITIES)[number]

export interface Wanted {
  q?: string
  tag?: string
  language?: string
  validity?: Validity
}

const ENDING_DAYS = 30
const haystacks = new WeakMap<Entry, string>()

/** Every word must occur, as the API's own search has it. `today` is "2026-12-24". */
export function found(entries: Entry[], wanted: Wanted, today: string): Entry[] {
  const words = wordsOf(wanted.q)
  if (words.length === 0 && !wanted.tag && !wanted.language && !wanted.validity) return entries
  return entries.filter(
    entry =>
      (!wanted.tag || entry.tags.includes(wanted.tag)) &&
      (!wanted.language || entry.language === wanted.language) &&
      (!wanted.validity || validities(entry, today).includes(wanted.validity)) &&
      words.every(word => haystack(entry).includes(word)),
  )
}

export function wordsOf(q = ""): string[] {
  return q.toLowerCase().split(/\s+/).filter(Boolean)
}

/** An entry whose last day is near is valid still. */
export function validities(entry: Pick<Entry, "valid_from" | "valid_until">, today: string): Validity[] {
  if (entry.valid_until && entry.valid_until < today) return ["ended"]
  if (entry.valid_from && entry.valid_from > today) return ["later"]
  return entry.valid_until && entry.valid_until <= later(today, ENDING_DAYS) ? ["now", "ending"] : ["now"]
}

export function dayOf(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, "0")
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`
}

function later(day: string, days: number): string {
  const moment = new Date(`${day}T12:00`)
  moment.setDate(moment.getDate() + days)
  return dayOf(moment)
}

function haystack(entry: Entry): string {
  const known = haystacks.get(entry)
  if (known !== undefined) return known
  const made = [entry.question, entry.answer, ...entry.examples, ...entry.tags].join("\n").toLowerCase()
  haystacks.set(entry, made)
  return made
}

export interface Piece {
  text: string
  hit: boolean
}

/** A text in pieces, those that are looked for marked; `words` in small letters. */
export function pieces(text: string, words: readonly string[]): Piece[] {
  if (words.length === 0 || !text) return [{ text, hit: false }]
  const any = new RegExp(`(${[...words].sort(longestFirst).map(escaped).join("|")})`, "gi")
  return text
    .split(any)
    .map((piece, position) => ({ text: piece, hit: position % 2 === 1 }))
    .filter(piece => piece.text)
}

const longestFirst = (one: string, other: string) => other.length - one.length
const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
