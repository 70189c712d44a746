import { expect, test } from "vitest"
import { type ApiDocument, byTag, objectOf, typeOf } from "./document"

const operation = { summary: "List Things", tags: ["things"], responses: {} }
const document: ApiDocument = {
  paths: { "/things": { get: operation, post: { ...operation, summary: "Create Thing" } } },
  components: { schemas: { Thing: { properties: { id: { type: "string", format: "uuid" } } } } },
}
const thing = { $ref: "#/components/schemas/Thing" }

test("operations by tag, those with every word", () => {
  expect(byTag(document, "").get("things")).toHaveLength(2)
  expect(
    byTag(document, "post thing")
      .get("things")
      ?.map(({ method }) => method),
  ).toEqual(["post"])
  expect(byTag(document, "nothing").size).toBe(0)
})

test("types in words", () => {
  expect(typeOf({ anyOf: [{ type: "array", items: thing }, { type: "null" }] })).toBe("Thing[] | null")
  expect(typeOf({ type: "string", enum: ["de", "en"] })).toBe('"de" | "en"')
})

test("what is in a list or a choice", () => {
  const list = { anyOf: [{ type: "null" }, { type: "array", items: thing }] }
  expect(Object.keys(objectOf(list, document)?.properties ?? {})).toEqual(["id"])
  expect(objectOf({ type: "string" }, document)).toBeUndefined()
})
