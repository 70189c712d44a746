import { expect, test } from "vitest"
import { spent } from "./cost"

const USAGE = { model: "m", tokens_in: 100, tokens_out: 50 }
const row = (tokens_in: number, tokens_out: number, cost: string, unpriced_tokens = 0) =>
  ({ model: "m", tokens_in, tokens_out, cost, unpriced_tokens }) as never

test("what was added is what it cost", () => {
  expect(spent([row(1000, 500, "0.10")], [row(1100, 550, "0.25")], USAGE)).toBeCloseTo(0.15)
  expect(spent([], [row(100, 50, "0.15")], USAGE)).toBeCloseTo(0.15)
})

test("not known where somebody else used the model at the same time, or it has no price", () => {
  expect(spent([], [row(300, 90, "0.40")], USAGE)).toBeUndefined()
  expect(spent([], [row(100, 50, "0", 150)], USAGE)).toBeUndefined()
  expect(spent(undefined, [row(100, 50, "0.15")], USAGE)).toBeUndefined()
})
