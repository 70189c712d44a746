import { expect, test } from "vitest"
import type { Schema } from "@/api/client"
import { concerns } from "./attention"
import type { House } from "./use-house"

const NOW = Date.parse("2026-11-22T12:00:00Z")
const ASSISTANT = { id: "a", name: "Rezeption", active: true, paused_until: null, paused_reason: "" }
const MAILBOX = { address: "info@hotel.example", active: true, status: "watching", status_reason: "" }
const PLAN = { kind: "trial", active: true, trial_ends_at: "2026-12-20T00:00:00Z" }

function house(
  changes: { assistant?: object; mailbox?: object; plan?: object; organisation?: object } = {},
): House {
  return {
    organisation: { active: true, ...changes.organisation } as Schema<"OrganisationPublic">,
    assistants: [{ ...ASSISTANT, ...changes.assistant } as Schema<"AssistantPublic">],
    mailboxes: [{ ...MAILBOX, ...changes.mailbox } as Schema<"MailboxPublic">],
    plan: { ...PLAN, ...changes.plan } as Schema<"PlanPublic">,
  }
}

function kinds(of: House, failed = 0): string[] {
  return concerns(of, failed, NOW).map(({ kind }) => kind)
}

test("all is well", () => {
  expect(kinds(house())).toEqual([])
})

test("what is worst comes first", () => {
  const both = house({ assistant: { active: false }, mailbox: { status: "stopped" } })
  expect(kinds(both, 2)).toEqual(["mailboxStopped", "assistantOff", "failed"])
})

test("a trial that ends soon, and one that has ended", () => {
  expect(kinds(house({ plan: { trial_ends_at: "2026-11-25T00:00:00Z" } }))).toEqual(["trialEnds"])
  expect(kinds(house({ plan: { active: false } }))).toEqual(["planEnded"])
})

test("a mailbox may be away for a moment", () => {
  const away = { status: "retrying", status_reason: "timeout" }
  expect(kinds(house({ mailbox: { ...away, last_proof_at: "2026-11-22T11:55:00Z" } }))).toEqual([])
  expect(kinds(house({ mailbox: { ...away, last_proof_at: "2026-11-22T11:00:00Z" } }))).toEqual([
    "mailboxRetrying",
  ])
})

test("a budget that is reached", () => {
  const paused = { paused_until: "2026-12-01T00:00:00Z", paused_reason: "token_budget" }
  expect(kinds(house({ assistant: paused }))).toEqual(["tokenBudget"])
})
