import { expect, test } from "vitest"
import { differing, wordDiff } from "./diff"
import { EMPTY } from "./fields"

test("the fields that differ", () => {
  const before = { ...EMPTY, answer: "a", tags: ["x"] }
  expect(differing(before, { ...before })).toEqual([])
  expect(differing(before, { ...before, tags: ["x", "y"], valid_until: "2026-01-01" })).toEqual([
    "tags",
    "valid_until",
  ])
  expect(differing(null, before)).toEqual(["answer", "tags", "language"])
})

test("words that came and went", () => {
  expect(wordDiff("Frühstück ab 7 Uhr.", "Frühstück ab 8 Uhr, täglich.")).toEqual([
    { text: "Frühstück ab ", kind: "same" },
    { text: "7", kind: "removed" },
    { text: "8", kind: "added" },
    { text: " Uhr", kind: "same" },
    { text: ", täglich", kind: "added" },
    { text: ".", kind: "same" },
  ])
})

test("nothing, all and everything", () => {
  expect(wordDiff("gleich", "gleich")).toEqual([{ text: "gleich", kind: "same" }])
  expect(wordDiff("", "neu")).toEqual([{ text: "neu", kind: "added" }])
  expect(wordDiff("alt", "")).toEqual([{ text: "alt", kind: "removed" }])
})

test("very long texts are not compared word by word", () => {
  const [before, after] = ["alt ".repeat(2000), "neu ".repeat(2000)]
  expect(wordDiff(before, after).map(({ kind }) => kind)).toEqual(["removed", "added"])
})
