import { useQuery, useQueryClient } from "@tanstack/react-query"
import type { Schema } from "@/api/client"

export interface PastedMail {
  subject: string
  sender: string
  text: string
}

export const NOTHING: PastedMail = { subject: "", sender: "", text: "" }
export const LONGEST = 20_000

/**
 * The mail being tried, in memory only: it outlives a look at the knowledge and back, but neither a reload nor the
 * log-out.
 */
export function usePastedMail(assistantId: string): [PastedMail, (mail: PastedMail) => void] {
  const queries = useQueryClient()
  const queryKey = ["pasted mail", assistantId]
  const { data } = useQuery({
    queryKey,
    queryFn: () => NOTHING,
    enabled: false,
    initialData: NOTHING,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60 * 60_000,
  })
  return [data, mail => queries.setQueryData(queryKey, mail)]
}

const ADDRESS = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/

/** As the API wants it: "Maria Huber <maria@example.org>" is a name and an address, and each may come alone. */
export function asPasted({ subject, sender, text }: PastedMail): Schema<"PastedText"> {
  const [, name = "", address = ""] = /^(.*?)\s*<([^<>]*)>\s*$/.exec(sender) ?? []
  const plain = sender.trim()
  const found = address || (ADDRESS.test(plain) ? plain : "")
  const named = name.replace(/^"|"$/g, "") || (found ? "" : plain)
  return { text, subject: subject.trim(), sender: ADDRESS.test(found) ? found : "", sender_name: named }
}
