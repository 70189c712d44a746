import { useTranslation } from "react-i18next"
import { AuthPage } from "@/pages/auth/auth-page"
import { ConnectProblem } from "./connect-problem"
import { Consent } from "./consent"
import type { Outcome } from "./outcome"
import { Success } from "./success"

/** Where Google and Microsoft lead the browser back to: it says how it went, and goes on where one left. */
export function ConnectedPage({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation("connect")
  const { mailbox, consent, problem = "other" } = outcome
  if (consent) return <Consent given={consent === "given"} />
  if (mailbox) {
    return (
      <AuthPage title={t("success.title")}>
        <Success mailbox={mailbox} outcome={outcome} />
      </AuthPage>
    )
  }
  return <ConnectProblem problem={problem} outcome={outcome} />
}
