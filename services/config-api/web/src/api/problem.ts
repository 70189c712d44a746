import type { components } from "@/api/schema"

type Told = components["schemas"]["Problem"]

/**
 * What the API answers instead of a result (RFC 9457), and what stands for an answer that never came.
 *
 * `status` is 0 where nothing came back at all; `retryAfter` is in seconds. `message` is a sentence in the reader's
 * language, or empty where the reader has to be told by the page itself.
 */
export class Problem extends Error {
  readonly status: number
  readonly reason: string
  readonly errors: Told["errors"]
  readonly retryAfter: number | undefined

  constructor(status: number, told: Partial<Told> = {}, retryAfter?: number) {
    super(told.detail ?? "")
    this.name = "Problem"
    this.status = status
    this.reason = told.reason ?? (status === 0 ? "offline" : "other")
    this.errors = told.errors ?? []
    this.retryAfter = retryAfter
  }

  /** Sentences by field, named as the form names them: `body.imap.host` is `imap.host`. */
  get fields(): Record<string, string> {
    const named = (this.errors ?? []).map(error => [error.field.replace(/^body\./, ""), error.detail ?? ""])
    return Object.fromEntries(named)
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const seconds = Number(response.headers.get("retry-after")) || undefined
  try {
    return new Problem(response.status, (await response.clone().json()) as Told, seconds)
  } catch {
    return new Problem(response.status, {}, seconds) // a proxy's page, not ours
  }
}
