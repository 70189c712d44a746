import { expect, test } from "vitest"
import { laid, parseBlock, toBlock } from "./pasted"

test("cells are separated by tabs, rows by line ends", () => {
  expect(parseBlock("a\tb\r\nc\td\r\n")).toEqual([
    ["a", "b"],
    ["c", "d"],
  ])
  expect(parseBlock("a\t\tc")).toEqual([["a", "", "c"]])
  expect(parseBlock("a\t")).toEqual([["a", ""]])
})

test("one cell is one cell", () => {
  expect(parseBlock("Frühstück ab 7 Uhr")).toEqual([["Frühstück ab 7 Uhr"]])
  expect(parseBlock("")).toEqual([[""]])
})

test("quoted cells hold line ends, tabs and quotes", () => {
  expect(parseBlock('Frage\t"Zeile 1\r\nZeile 2\tTab ""so"""\nnächste\t')).toEqual([
    ["Frage", 'Zeile 1\nZeile 2\tTab "so"'],
    ["nächste", ""],
  ])
})

test("a quote at a word's beginning is only a quote", () => {
  expect(parseBlock('"Suite" heißt das Zimmer\tb')).toEqual([['"Suite" heißt das Zimmer', "b"]])
  expect(parseBlock('5" breit\t"offen')).toEqual([['5" breit', '"offen']])
})

test("an empty row between stays, so that nothing slips", () => {
  expect(parseBlock("a\n\nb")).toEqual([["a"], [""], ["b"]])
})

test("what is copied can be pasted", () => {
  const rows = [
    ["a\nb", 'c"d'],
    ["", "e\tf"],
  ]
  expect(parseBlock(toBlock(rows))).toEqual(rows)
})

test("columns begin where one pastes", () => {
  expect(laid([["Antwort 1", "Beispiel"], ["Antwort 2"]], "answer", ["id-1"])).toEqual([
    { id: "id-1", answer: "Antwort 1", examples: "Beispiel" },
    { answer: "Antwort 2" },
  ])
})

test("headings say which column is which, and empty rows say nothing", () => {
  const block = [
    ["Antwort", "Frage"],
    ["um 7", "Wann?"],
    ["", ""],
  ]
  expect(laid(block, "tags")).toEqual([{ answer: "um 7", question: "Wann?" }])
})

test("what goes beyond the last column is left out", () => {
  expect(laid([["2026-01-01", "zu viel"]], "valid_until")).toEqual([{ valid_until: "2026-01-01" }])
})
