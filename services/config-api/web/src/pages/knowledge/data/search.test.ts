import { expect, test } from "vitest"
import { EMPTY, type Entry } from "./fields"
import { found, pieces, validities, wordsOf } from "./search"

const TODAY = "2026-11-22"
const entry = (id: string, more: Partial<Entry>): Entry => ({
  ...EMPTY,
  id,
  assistant_id: "",
  created_at: "",
  updated_at: "",
  ...more,
})
const dogs = entry("dogs", { question: "Sind Hunde erlaubt?", answer: "Ja, 15 € am Tag.", tags: ["Preise"] })
const spa = entry("spa", {
  question: "Sauna?",
  answer: "Täglich.",
  language: "en",
  valid_until: "2026-12-01",
})
const gone = entry("gone", { question: "Herbstangebot", answer: "Preis: 99 €", valid_until: "2026-10-31" })
const ids = (wanted: object) => found([dogs, spa, gone], wanted, TODAY).map(({ id }) => id)

test("every word must occur, wherever, in whatever case", () => {
  expect(ids({ q: "HUNDE tag" })).toEqual(["dogs"])
  expect(ids({ q: "preis" })).toEqual(["dogs", "gone"])
  expect(ids({ q: "hunde sauna" })).toEqual([])
  expect(ids({ q: " " })).toEqual(["dogs", "spa", "gone"])
})

test("filters go together", () => {
  expect(ids({ tag: "Preise" })).toEqual(["dogs"])
  expect(ids({ language: "en", validity: "now" })).toEqual(["spa"])
  expect(ids({ validity: "ended" })).toEqual(["gone"])
  expect(ids({ validity: "ending" })).toEqual(["spa"])
})

test("first and last day are valid days", () => {
  expect(validities({ valid_from: TODAY, valid_until: TODAY }, TODAY)).toContain("now")
  expect(validities({ valid_from: "2026-11-23", valid_until: null }, TODAY)).toEqual(["later"])
})

test("what is looked for is marked", () => {
  expect(pieces("Sind Hunde (klein) erlaubt?", wordsOf("hund (klein)"))).toEqual([
    { text: "Sind ", hit: false },
    { text: "Hund", hit: true },
    { text: "e ", hit: false },
    { text: "(klein)", hit: true },
    { text: " erlaubt?", hit: false },
  ])
  expect(pieces("nichts", [])).toEqual([{ text: "nichts", hit: false }])
})
