export const PERIODS = [7, 30, 90] as const
export const USUAL_PERIOD = 30
/** For how many days what failed needs attention. */
export const LATELY = 7

/** What is looked at, as it stands in the address. */
export interface OverviewSearch {
  days?: number
  assistant?: string
}

/** What does not belong there is left out. */
export function overviewSearch(given: Record<string, unknown>): OverviewSearch {
  return {
    days: PERIODS.find(days => days === Number(given.days)),
    assistant: typeof given.assistant === "string" ? given.assistant : undefined,
  }
}
