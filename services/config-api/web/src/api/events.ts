import { Problem } from "@/api/problem"

/** One server-sent event; `data` is its JSON, read. */
export interface ServerEvent {
  id: string
  event: string
  data: unknown
}

/**
 * Reads server-sent events (WHATWG HTML, 9.2) from an answer's body, until it ends or the caller breaks off.
 *
 * Raises Problem with status 0 where the connection breaks.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader()
  let unread = ""
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw error instanceof DOMException && error.name === "AbortError" ? error : new Problem(0)
      })
      if (done) return
      const blocks = (unread + value).split("\n\n")
      unread = blocks.pop() ?? ""
      for (const block of blocks) {
        const event = eventOf(block)
        if (event) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function eventOf(block: string): ServerEvent | undefined {
  const found = { id: "", event: "message", data: "" }
  for (const line of block.split("\n")) {
    const [, name, value] = /^(id|event|data): ?(.*)$/.exec(line) ?? []
    if (name) found[name as keyof typeof found] += name === "event" ? "" : (value ?? "")
    if (name === "event") found.event = value ?? ""
  }
  return found.data ? { ...found, data: JSON.parse(found.data) as unknown } : undefined
}
