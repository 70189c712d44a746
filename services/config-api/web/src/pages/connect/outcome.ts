import type { Attempt, ProviderName } from "./attempt"

/** How it went at the provider, as the address of /connected says it. */
export interface Outcome {
  mailbox?: string
  problem?: string
  consent?: "given" | "refused"
  provider?: ProviderName
  returnTo?: Attempt["returnTo"]
}

export function outcomeOf(search: Record<string, unknown>): Outcome {
  const text = (value: unknown) => (typeof value === "string" && value ? value : undefined)
  return {
    mailbox: text(search.mailbox),
    problem: text(search.problem),
    consent: one(["given", "refused"] as const, search.consent),
    provider: one(["gmail", "graph"] as const, search.provider),
    returnTo: one(["start", "mailboxes"] as const, search.return_to),
  }
}

/** Why it did not work, where there is something to say to each. */
export const PROBLEMS = [
  "access_denied",
  "access_refused",
  "access_revoked",
  "admin_consent_needed",
  "connecting_failed",
  "link_not_valid",
  "login_required",
  "mailbox_exists",
  "no_mailbox",
  "no_refresh_token",
  "other_account",
  "other_provider",
  "plan_limit_reached",
  "provider_misconfigured",
  "provider_unavailable",
  "scope_deselected",
  "team_mailbox_denied",
] as const
export type KnownProblem = (typeof PROBLEMS)[number] | "other"

/** Trying again changes nothing about these. */
const FUTILE: KnownProblem[] = ["login_required", "mailbox_exists", "other_provider", "plan_limit_reached"]

export function knownProblem(problem: string): KnownProblem {
  return one(PROBLEMS, problem) ?? "other"
}

export function mayTryAgain(problem: KnownProblem): boolean {
  return !FUTILE.includes(problem)
}

function one<Word extends string>(words: readonly Word[], found: unknown): Word | undefined {
  return words.find(word => word === found)
}
