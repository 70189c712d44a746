import { useQueries } from "@tanstack/react-query"
import { api } from "@/api/client"
import type { AssistantPath } from "./outcome"
import type { Source } from "./overlap"
import type { Try } from "./use-try"

export interface NumberedSource extends Source {
  number: number
  question: string
}

/** The entries that the draft rests on, numbered as they are listed; their passages stand for one that is gone. */
export function useSources(tried: Try, path: AssistantPath): NumberedSource[] {
  const used = tried.entries.filter(entry => entry.used)
  const found = useQueries({
    queries: used.map(({ id }) =>
      api.queryOptions(
        "get",
        "/api/v1/organisations/{organisation_id}/assistants/{assistant_id}/knowledge/{entry_id}",
        { params: { path: { ...path, entry_id: id } } },
      ),
    ),
  })
  return used.map(({ id, question, passages }, i) => {
    const entry = found[i]?.data
    const texts = entry ? [entry.question, ...entry.examples, entry.answer] : [question, ...passages]
    return { id, question, number: i + 1, text: texts.join("\n") }
  })
}
