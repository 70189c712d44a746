import { expect, test } from "vitest"
import type { Schema } from "@/api/client"
import { barsOf } from "./bars"

function days(count: number): Schema<"OverviewDay">[] {
  const day = (n: number) => new Date(Date.UTC(2026, 8, 1 + n)).toISOString().slice(0, 10)
  return Array.from(
    { length: count },
    (_, n) => ({ day: day(n), drafted: 1, skipped: 2, failed: 0 }) as never,
  )
}

test("a bar for each day of a month", () => {
  expect(barsOf(days(30))).toHaveLength(30)
})

test("a bar for each week of a long period, and nothing is lost", () => {
  const bars = barsOf(days(90))
  expect(bars).toHaveLength(13)
  expect(bars.at(-1)).toEqual({ first: "2026-11-23", last: "2026-11-29", drafted: 7, skipped: 14, failed: 0 })
  expect(bars.reduce((all, bar) => all + bar.drafted, 0)).toBe(90)
})
