import type { Schema } from "@/api/client"

export type ProviderName = Schema<"ConnectableProvider">["provider"]

/** What somebody was about to connect when they left for their provider's pages. */
export interface Attempt {
  provider: ProviderName
  organisation: string
  returnTo: Schema<"ConnectRequest">["return_to"]
  /** Whose mailbox a new one becomes. */
  assistant?: string
  /** The one that is connected anew. */
  mailbox?: string
  /** The address of a shared mailbox; empty for one's own. */
  team: string
  /** What was typed as an address. */
  address?: string
}

/** Goes with everything else that was typed, when somebody logs out. */
const PLACE = "kept:connecting"

export function keepAttempt(attempt: Attempt): void {
  sessionStorage.setItem(PLACE, JSON.stringify(attempt))
}

/** In this tab only; of one organisation where it is named. */
export function keptAttempt(organisation?: string): Attempt | undefined {
  const kept = sessionStorage.getItem(PLACE)
  const attempt = kept ? (JSON.parse(kept) as Attempt) : undefined
  return organisation && attempt?.organisation !== organisation ? undefined : attempt
}

export function forgetAttempt(): void {
  sessionStorage.removeItem(PLACE)
}
