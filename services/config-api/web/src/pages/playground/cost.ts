import type { Schema } from "@/api/client"

export interface Usage {
  model: string
  tokens_in: number
  tokens_out: number
}

export type Rows = Schema<"UsageReport">["rows"] | undefined

/** In EUR: what was added in between, where that is this one try and nothing else, and all of it has a price. */
export function spent(before: Rows, after: Rows, usage: Usage): number | undefined {
  const now = after?.find(({ model }) => model === usage.model)
  if (!before || !now) return undefined
  const was = before.find(({ model }) => model === usage.model)
  const added = (name: "tokens_in" | "tokens_out" | "unpriced_tokens" | "cost") =>
    Number(now[name]) - Number(was?.[name] ?? 0)
  const same = added("tokens_in") === usage.tokens_in && added("tokens_out") === usage.tokens_out
  return same && added("unpriced_tokens") === 0 ? added("cost") : undefined
}
