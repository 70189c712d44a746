import type { Settled } from "@/app/feed"

/** From the mail's arrival to its draft in the mailbox; undefined where there is no draft. */
export function secondsToDraft({ outcome, received_at, settled_at }: Settled): number | undefined {
  if (outcome !== "drafted") return undefined
  return Math.max(0, (new Date(settled_at).getTime() - new Date(received_at).getTime()) / 1000)
}
