import { IconPlugConnected } from "@tabler/icons-react"
import { linkOptions, useNavigate } from "@tanstack/react-router"
import { useEffect, useEffectEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import { LinkButton } from "@/components/links"
import { Done } from "@/pages/auth/done"
import { forgetAttempt, keptAttempt } from "./attempt"
import type { Outcome } from "./outcome"

/** Long enough to read that it has worked. */
const GOES_ON_AFTER = 2_500

/** Says so, and goes on by itself. */
export function Success({ mailbox, outcome }: { mailbox: string; outcome: Outcome }) {
  const { t } = useTranslation("connect")
  const navigate = useNavigate()
  const [on] = useState(() => wayOn(mailbox, outcome))
  const goOn = useEffectEvent(() => void navigate({ ...on, replace: true }))
  useEffect(() => {
    forgetAttempt()
    const timer = window.setTimeout(goOn, GOES_ON_AFTER)
    return () => window.clearTimeout(timer)
  }, [])
  return (
    <Done icon={IconPlugConnected} text={t("success.text")}>
      <LinkButton {...on} replace>
        {t("success.goOn")}
      </LinkButton>
    </Done>
  )
}

/** In another tab it is not known which organisation it was: the way in takes the first, and a mailbox is looked for. */
function wayOn(mailboxId: string, { returnTo }: Outcome) {
  const organisation = keptAttempt()?.organisation
  if (returnTo === "start") {
    const search = organisation ? { step: "mailbox" as const, organisation } : {}
    return linkOptions({ to: "/start", search })
  }
  return linkOptions({ to: "/mailboxes/$mailboxId", params: { mailboxId } })
}
