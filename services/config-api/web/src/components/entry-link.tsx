import type { AnchorProps } from "@mantine/core"
import type { ReactNode } from "react"
import { LinkAnchor } from "@/components/links"

interface EntryLinkProps extends Omit<AnchorProps, "component"> {
  organisationId: string
  assistantId: string
  entryId: string
  children: ReactNode
}

/** Leads to one entry of an assistant's knowledge. */
export function EntryLink({ organisationId, assistantId, entryId, ...props }: EntryLinkProps) {
  return (
    <LinkAnchor
      to="/organisations/$organisationId/assistants/$assistantId/knowledge"
      params={{ organisationId, assistantId }}
      search={{ entry: entryId }}
      {...props}
    />
  )
}
