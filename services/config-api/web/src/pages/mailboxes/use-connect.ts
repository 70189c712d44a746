import type { UseFormReturnType } from "@mantine/form"
import { useQueryClient } from "@tanstack/react-query"
import { useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { api, http, type Schema } from "@/api/client"
import { Problem } from "@/api/problem"
import { showFaults } from "@/components/forms"
import { COMPLETE_ADDRESS, type Connection, fieldOf, guess } from "./connection"

export type Discovery = "unasked" | "looking" | "found" | "unknown"

interface UseConnect {
  organisationId: string
  assistantId: string
  form: UseFormReturnType<Connection>
  /** Shows the fields of the server, or hides them. */
  showServer: (shown: boolean) => void
  onConnected: (mailbox: Schema<"MailboxPublic">) => void
}

/** From an address to a mailbox: finds its server, tries the connection out, and adds the mailbox once it works. */
export function useConnect({ organisationId, assistantId, form, showServer, onConnected }: UseConnect) {
  const { t } = useTranslation("mailboxes")
  const queries = useQueryClient()
  const path = { organisation_id: organisationId }
  const [discovery, setDiscovery] = useState<Discovery>("unasked")
  const [candidate, setCandidate] = useState<Schema<"Candidate">>()
  const [phase, setPhase] = useState<"idle" | "looking" | "testing" | "saving">("idle")
  const [test, setTest] = useState<Schema<"TestResult">>()
  const [error, setError] = useState<unknown>()
  const asked = useRef<{ address: string; found: Promise<boolean>; told: boolean }>(undefined)

  const look = async (address: string): Promise<boolean> => {
    setTest(undefined)
    setDiscovery("looking")
    const before = serverOf(form.getValues())
    const init = { params: { path }, body: { address } }
    const options = api.queryOptions(
      "post",
      "/api/v1/organisations/{organisation_id}/mailboxes/discover",
      init,
    )
    const found = await queries.fetchQuery({
      ...options,
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    })
    if (asked.current?.address !== address) return false
    const best = found?.items[0]
    const { password } = form.getValues().imap
    // Looking takes seconds: what somebody has typed meanwhile is what they want.
    const typed = serverOf(form.getValues()) !== before
    if (!typed) form.setFieldValue("imap", { ...(best?.imap ?? guess(address)), password })
    setCandidate(best)
    setDiscovery(best ? "found" : "unasked")
    if (best && !typed) showServer(false)
    return best !== undefined || typed
  }

  /** Returns whether the server is known. Says so where it is not, unless nobody has asked yet. */
  const find = async (address: string, quietly = false): Promise<boolean> => {
    if (!COMPLETE_ADDRESS.test(address)) return false
    if (asked.current?.address !== address) {
      asked.current = { address, found: look(address), told: false }
    }
    const mine = asked.current
    const found = await mine.found.catch((problem: unknown) => {
      // Nobody knows yet whether there is anything to find: the next try asks again.
      if (asked.current === mine) {
        asked.current = undefined
        setDiscovery("unasked")
      }
      throw problem
    })
    if (!found && !quietly && !mine.told && asked.current === mine) {
      mine.told = true
      setDiscovery("unknown")
      showServer(true)
    }
    return found
  }

  const complain = (failed: Schema<"TestResult">) => {
    setTest(failed)
    const field = fieldOf(failed.reason)
    if (!field) return
    form.setFieldError(field, t("test.look"))
    if (field !== "imap.password") showServer(true)
    focusLater(form, field)
  }

  const connect = async (wanted: Connection) => {
    setError(undefined)
    setTest(undefined)
    const byHand = asked.current?.address === wanted.address && asked.current.told
    setPhase("looking")
    try {
      if (!(await find(wanted.address)) && !byHand) return
      const { imap } = form.getValues()
      setPhase("testing")
      const body = { imap, folder: "INBOX", drafts_folder: "" }
      const tested = await http.POST("/api/v1/organisations/{organisation_id}/mailboxes/test", {
        params: { path },
        body,
      })
      if (!tested.data?.ok) return tested.data && complain(tested.data)
      setTest(tested.data)
      setPhase("saving")
      onConnected(await add(organisationId, assistantId, { address: wanted.address, imap }))
    } catch (problem) {
      showFaults(form, problem)
      if (problem instanceof Problem && problem.errors?.length) showServer(true)
      setError(problem)
    } finally {
      setPhase("idle")
    }
  }
  /** While somebody is still typing: what is wrong is said once they want to connect. */
  const lookAhead = (address: string, quietly = false) => void find(address, quietly).catch(() => undefined)

  return { candidate, discovery, lookAhead, connect, phase, test, error }
}

async function add(organisationId: string, assistantId: string, { address, imap }: Connection) {
  const params = { path: { organisation_id: organisationId } }
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "Europe/Berlin"
  const where = { folder: "INBOX", drafts_folder: "", time_zone, aliases: [], active: true }
  const body = { ...where, assistant_id: assistantId, address, imap } as Schema<"MailboxCreate">
  const made = await http.POST("/api/v1/organisations/{organisation_id}/mailboxes", { params, body })
  return made.data as Schema<"MailboxPublic">
}

/** The fields of the server may only just be unfolding. */
function focusLater(form: UseFormReturnType<Connection>, field: string) {
  window.setTimeout(() => form.getInputNode(field)?.focus(), 50)
}

function serverOf({ imap: { password: _, ...server } }: Connection): string {
  return JSON.stringify(server)
}
