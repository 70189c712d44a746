import type { Schema } from "@/api/client"
import type { House } from "./use-house"

/** What somebody should look at; `kind` names its sentence, and where it leads is where it can be put right. */
export interface Concern {
  kind: string
  level: "red" | "orange"
  leads: "mailboxes" | "plan" | "settings" | "assistant" | "failed"
  /** The assistant that it is about. */
  assistantId?: string
  /** What stands in the sentence. */
  name?: string
  reason?: string
  moment?: string
  count?: number
}

const DAY = 24 * 60 * 60 * 1000
const TRIAL_ENDS_SOON = 7 * DAY
/** A mailbox that was reached this recently is only having a moment. */
const PATIENCE = 10 * 60 * 1000

/** What needs attention, the worst first. */
export function concerns(house: House, failed: number, now = Date.now()): Concern[] {
  const found = [
    ...ofOrganisation(house),
    ...ofPlan(house.plan, now),
    ...(house.mailboxes ?? []).flatMap(mailbox => ofMailbox(mailbox, now)),
    ...house.assistants.flatMap(ofAssistant),
    ...(failed > 0 ? [{ kind: "failed", level: "orange", leads: "failed", count: failed } as const] : []),
  ]
  return found.sort((a, b) => rank(a) - rank(b))
}

function rank({ level }: Concern): number {
  return level === "red" ? 0 : 1
}

function ofOrganisation({ organisation, mailboxes }: House): Concern[] {
  if (organisation?.erase_at) {
    return [{ kind: "erasure", level: "red", leads: "settings", moment: organisation.erase_at }]
  }
  if (organisation?.restricted_at) return [{ kind: "restricted", level: "red", leads: "settings" }]
  if (organisation && !organisation.active)
    return [{ kind: "organisationOff", level: "red", leads: "settings" }]
  return mailboxes?.length === 0 ? [{ kind: "noMailbox", level: "orange", leads: "mailboxes" }] : []
}

function ofPlan(plan: Schema<"PlanPublic"> | undefined, now: number): Concern[] {
  if (!plan) return []
  if (!plan.active) return [{ kind: "planEnded", level: "red", leads: "plan" }]
  const ends = plan.kind === "trial" && plan.trial_ends_at
  if (!ends || new Date(ends).getTime() - now > TRIAL_ENDS_SOON) return []
  return [{ kind: "trialEnds", level: "orange", leads: "plan", moment: ends }]
}

function ofMailbox(mailbox: Schema<"MailboxPublic">, now: number): Concern[] {
  const { active, address: name, status, status_reason: reason, last_proof_at } = mailbox
  if (!active) return [{ kind: "mailboxOff", level: "orange", leads: "mailboxes", name }]
  if (status === "stopped")
    return [{ kind: "mailboxStopped", level: "red", leads: "mailboxes", name, reason }]
  const silent = now - new Date(last_proof_at ?? mailbox.created_at).getTime()
  if (status !== "retrying" || silent < PATIENCE) return []
  return [{ kind: "mailboxRetrying", level: "orange", leads: "mailboxes", name, reason }]
}

function ofAssistant(assistant: Schema<"AssistantPublic">): Concern[] {
  const { id: assistantId, name, active, paused_until, paused_reason } = assistant
  const about = { leads: "assistant", assistantId, name, level: "orange" } as const
  if (!active) return [{ ...about, kind: "assistantOff" }]
  if (!paused_until) return []
  const kind = paused_reason === "token_budget" ? "tokenBudget" : "dailyLimit"
  return [{ ...about, kind, moment: paused_until }]
}
