import type { Schema } from "@/api/client"

export const OUTCOMES = ["drafted", "skipped", "failed"] as const
export const DAYS = [1, 7, 30, 90] as const

/** The filters, as they stand in the address. */
export interface ActivitySearch {
  assistant?: string
  mailbox?: string
  outcome?: Schema<"Outcome">
  reason?: string
  days?: number
}

/** What does not belong there is left out. */
export function activitySearch(given: Record<string, unknown>): ActivitySearch {
  const text = (name: string) => (typeof given[name] === "string" ? (given[name] as string) : undefined)
  return {
    assistant: text("assistant"),
    mailbox: text("mailbox"),
    outcome: OUTCOMES.find(outcome => outcome === given.outcome),
    reason: text("reason"),
    days: DAYS.find(days => days === Number(given.days)),
  }
}

export function isFiltered(search: ActivitySearch): boolean {
  return Object.values(search).some(value => value !== undefined)
}

/** The beginning of the first of so many days, today among them. */
export function sinceOf(days: number): string {
  const first = new Date()
  first.setHours(0, 0, 0, 0)
  first.setDate(first.getDate() - days + 1)
  return first.toISOString()
}
