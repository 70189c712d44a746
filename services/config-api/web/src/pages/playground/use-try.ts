import { useCallback, useEffect, useReducer, useRef } from "react"
import { http } from "@/api/client"
import { readEvents, type ServerEvent } from "@/api/events"
import { Problem } from "@/api/problem"
import { spent, type Usage } from "./cost"
import { asPasted, type PastedMail } from "./mail"
import { usageToday } from "./usage-today"

export interface TriedEntry {
  id: string
  question: string
  score: number
  used: boolean
  passages: string[]
}

export interface TriedDraft {
  body: string
  language: "de" | "en"
  open_questions: string[]
}

export interface TriedResult extends Usage {
  outcome: "drafted" | "skipped"
  reason: string
  needs_human: boolean
  removed: string[]
  model_failure: string
  model: string
  duration_ms: number
}

export interface Try {
  phase: "idle" | "running" | "done" | "stopped" | "failed"
  step: "reading" | "writing" | "checking"
  /** The mail as it was when this began; the form may have moved on. */
  mail?: PastedMail
  found?: number
  text: string
  draft?: TriedDraft
  entries: TriedEntry[]
  result?: TriedResult
  /** In EUR, where it is known. */
  cost?: number
  /** Why there is no draft: a fixed word of the drafter, or what the API answered. */
  failure?: string
  error?: unknown
}

type Action =
  | { do: "begin"; mail: PastedMail }
  | { do: "hear"; event: ServerEvent }
  | { do: "end"; change: Partial<Try> }

const IDLE: Try = { phase: "idle", step: "reading", text: "", entries: [] }

function next(state: Try, action: Action): Try {
  if (action.do === "begin") return { ...IDLE, phase: "running", mail: action.mail }
  if (action.do === "end") return { ...state, ...action.change }
  const { event, data } = action.event
  switch (event) {
    case "progress": {
      const told = data as { step: string; entries: number | null }
      return told.step === "checking"
        ? { ...state, step: "checking" }
        : { ...state, step: "writing", found: told.entries ?? 0 }
    }
    case "text":
      return { ...state, text: state.text + (data as { text: string }).text }
    case "restart":
      return { ...state, text: "" }
    case "draft":
      return { ...state, draft: data as TriedDraft }
    case "entries":
      return { ...state, entries: (data as { items: TriedEntry[] }).items }
    case "result":
      return { ...state, result: data as TriedResult }
    case "failed":
      return { ...state, failure: (data as { reason: string }).reason }
    default:
      return state
  }
}

/** Tries the assistant out, one mail at a time; leaving the page stops it. */
export function useTry(organisationId: string, assistantId: string) {
  const [tried, dispatch] = useReducer(next, IDLE)
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])
  const start = useCallback(
    async (mail: PastedMail) => {
      running.current?.abort()
      const attempt = new AbortController()
      running.current = attempt
      const { signal } = attempt
      const end = (change: Partial<Try>) => signal.aborted || dispatch({ do: "end", change })
      dispatch({ do: "begin", mail })
      try {
        const before = usageToday(organisationId, signal)
        const heard = await listen(organisationId, assistantId, mail, signal, dispatch)
        if (!heard.result && !heard.failure) throw new Problem(0)
        end({ phase: heard.result ? "done" : "failed" })
        if (heard.result?.model) {
          end({ cost: spent(await before, await usageToday(organisationId, signal), heard.result) })
        }
      } catch (error) {
        end({ phase: "failed", error })
      }
    },
    [organisationId, assistantId],
  )
  const stop = useCallback(() => {
    running.current?.abort()
    dispatch({ do: "end", change: { phase: "stopped" } })
  }, [])
  return { tried, start, stop }
}

async function listen(
  organisationId: string,
  assistantId: string,
  mail: PastedMail,
  signal: AbortSignal,
  dispatch: (action: Action) => void,
): Promise<Try> {
  const { data } = await http.POST("/api/v1/organisations/{organisation_id}/assistants/{assistant_id}/try", {
    params: { path: { organisation_id: organisationId, assistant_id: assistantId } },
    body: asPasted(mail),
    parseAs: "stream",
    signal,
  })
  let heard = IDLE
  for await (const event of readEvents(data as ReadableStream<Uint8Array>)) {
    if (signal.aborted) break
    dispatch({ do: "hear", event })
    heard = next(heard, { do: "hear", event })
  }
  return heard
}
