import { expect, test } from "vitest"
import { along, moved, within } from "./moves"

const size = { rows: 100, columns: 9, page: 10 }
const at = { row: 50, column: 4 }
const press = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
})

test.each([
  ["ArrowUp", { row: 49, column: 4 }],
  ["ArrowDown", { row: 51, column: 4 }],
  ["ArrowLeft", { row: 50, column: 3 }],
  ["ArrowRight", { row: 50, column: 5 }],
  ["PageUp", { row: 40, column: 4 }],
  ["PageDown", { row: 60, column: 4 }],
  ["Home", { row: 50, column: 0 }],
  ["End", { row: 50, column: 8 }],
])("%s moves the cell", (key, to) => {
  expect(moved(at, press(key), size)).toEqual(to)
})

test("with Ctrl to the edges", () => {
  expect(moved(at, press("Home", { ctrlKey: true }), size)).toEqual({ row: 0, column: 0 })
  expect(moved(at, press("End", { ctrlKey: true }), size)).toEqual({ row: 99, column: 8 })
  expect(moved(at, press("ArrowDown", { metaKey: true }), size)).toEqual({ row: 99, column: 4 })
})

test("never out of the table", () => {
  expect(moved({ row: 0, column: 0 }, press("ArrowUp"), size)).toEqual({ row: 0, column: 0 })
  expect(moved({ row: 95, column: 8 }, press("PageDown"), size)).toEqual({ row: 99, column: 8 })
  expect(within({ row: 7, column: 3 }, { rows: 5, columns: 9 })).toEqual({ row: 4, column: 3 })
})

test("other keys do not move it", () => {
  expect(moved(at, press("a"), size)).toBeUndefined()
  expect(moved(at, press("ArrowDown", { shiftKey: true }), size)).toBeUndefined()
})

test("Tab goes on into the next row, and at the end out of the table", () => {
  expect(along({ row: 3, column: 8 }, false, size)).toEqual({ row: 4, column: 0 })
  expect(along({ row: 4, column: 0 }, true, size)).toEqual({ row: 3, column: 8 })
  expect(along({ row: 99, column: 8 }, false, size)).toBeUndefined()
  expect(along({ row: 0, column: 0 }, true, size)).toBeUndefined()
})
