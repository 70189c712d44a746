import { expect, test } from "vitest"
import { EMPTY, fieldOf, joinTags, splitTags, textOf } from "./fields"

test("tags survive the way into a cell and back", () => {
  const tags = ["Preise", "Hund, Katze", 'sogenannte "Suite"']
  expect(joinTags(tags)).toBe('Preise, "Hund, Katze", "sogenannte ""Suite"""')
  expect(splitTags(joinTags(tags))).toEqual(tags)
})

test("tags typed carelessly", () => {
  expect(splitTags(" Preise;Anreise,, Preise\nSpa ")).toEqual(["Preise", "Anreise", "Spa"])
  expect(splitTags("")).toEqual([])
})

test("example questions stand one a line", () => {
  expect(fieldOf("examples", " Darf mein Hund mit?\r\n\n Haustiere? ")).toEqual({
    examples: ["Darf mein Hund mit?", "Haustiere?"],
  })
  expect(textOf({ ...EMPTY, examples: ["a", "b"] }, "examples")).toBe("a\nb")
})

test("days in German and as ISO 8601, or none", () => {
  expect(fieldOf("valid_from", "1.5.2026")).toEqual({ valid_from: "2026-05-01" })
  expect(fieldOf("valid_until", "2026-12-24")).toEqual({ valid_until: "2026-12-24" })
  expect(fieldOf("valid_until", " ")).toEqual({ valid_until: null })
  expect(fieldOf("valid_until", "bald")).toEqual({ valid_until: "bald" })
})
