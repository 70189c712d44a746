import type { Schema } from "@/api/client"

/** One bar of the chart: a day, or in a long period a week. */
export interface Bar {
  first: string
  last: string
  drafted: number
  skipped: number
  failed: number
}

const MOST_DAYS = 31
const WEEK = 7

/** Days as they are, or so many at once that the chart can be read; the newest week is whole. */
export function barsOf(days: Schema<"OverviewDay">[]): Bar[] {
  const size = days.length > MOST_DAYS ? WEEK : 1
  const bars: Bar[] = []
  for (let end = days.length; end > 0; end -= size) {
    const part = days.slice(Math.max(0, end - size), end)
    const sum = (name: "drafted" | "skipped" | "failed") => part.reduce((all, day) => all + day[name], 0)
    bars.unshift({
      first: part[0]?.day ?? "",
      last: part.at(-1)?.day ?? "",
      drafted: sum("drafted"),
      skipped: sum("skipped"),
      failed: sum("failed"),
    })
  }
  return bars
}
