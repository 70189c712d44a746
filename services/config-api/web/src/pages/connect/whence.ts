import { linkOptions } from "@tanstack/react-router"
import type { Attempt } from "./attempt"

/** Where somebody left for their provider's pages; where that is not known, where work goes on. */
export function whence(attempt: Attempt | undefined) {
  if (!attempt) return linkOptions({ to: "/home" })
  const { organisation: organisationId, mailbox: mailboxId, returnTo } = attempt
  if (returnTo === "start") {
    return linkOptions({ to: "/start", search: { step: "mailbox", organisation: organisationId } })
  }
  if (mailboxId) {
    return linkOptions({
      to: "/organisations/$organisationId/mailboxes/$mailboxId",
      params: { organisationId, mailboxId },
    })
  }
  return linkOptions({ to: "/organisations/$organisationId/mailboxes/new", params: { organisationId } })
}
