import { Button, Group, Stack, Text } from "@mantine/core"
import { useRouter } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { LinkAnchor, LinkButton } from "@/components/links"
import { ProblemAlert } from "@/components/problem-alert"
import { AuthPage } from "@/pages/auth/auth-page"
import { AdminLink } from "./admin-link"
import { keptAttempt } from "./attempt"
import { type KnownProblem, knownProblem, mayTryAgain, type Outcome } from "./outcome"
import { useConnectable } from "./use-connectable"
import { useLeave } from "./use-leave"
import { whence } from "./whence"

/** What went wrong at the provider, in a sentence, and what to do next. */
export function ConnectProblem({ problem, outcome }: { problem: string; outcome: Outcome }) {
  const { t } = useTranslation("connect")
  const [attempt] = useState(() => keptAttempt())
  const { leave, leaving, error } = useLeave()
  const known = knownProblem(problem)
  const name = t(`provider.${outcome.provider ?? attempt?.provider ?? "any"}`)
  return (
    <AuthPage title={t(`problem.${known}.title`, { name })}>
      <Stack>
        <Text role="alert">{t(`problem.${known}.text`, { name, team: attempt?.team })}</Text>
        {known === "admin_consent_needed" && <LinkForAdmin />}
        <ProblemAlert error={error} />
        <Group gap="md">
          <WayOut problem={known} />
          {mayTryAgain(known) &&
            (attempt ? (
              <Button onClick={() => leave(attempt)} loading={leaving}>
                {t("again")}
              </Button>
            ) : (
              <LinkButton to="/home">{t("again")}</LinkButton>
            ))}
          <LinkAnchor {...whence(attempt)} size="sm">
            {t("back")}
          </LinkAnchor>
        </Group>
      </Stack>
    </AuthPage>
  )
}

/** Where it can be put right, if not at the provider. */
function WayOut({ problem }: { problem: KnownProblem }) {
  const { t } = useTranslation(["connect", "common"])
  const router = useRouter()
  const attempt = keptAttempt()
  if (problem === "login_required") {
    return (
      <LinkButton to="/login" search={{ next: router.buildLocation(whence(attempt)).href }}>
        {t("common:logIn")}
      </LinkButton>
    )
  }
  if (!attempt) return null
  const params = { organisationId: attempt.organisation }
  if (problem === "plan_limit_reached") {
    return (
      <LinkButton to="/organisations/$organisationId/plan" params={params}>
        {t("toPlan")}
      </LinkButton>
    )
  }
  if (problem === "mailbox_exists" || problem === "other_provider") {
    return (
      <LinkButton to="/organisations/$organisationId/mailboxes" params={params}>
        {t("toMailboxes")}
      </LinkButton>
    )
  }
  return null
}

function LinkForAdmin() {
  const attempt = keptAttempt()
  const connectable = useConnectable(attempt?.organisation ?? "", attempt !== undefined)
  const url = connectable.find(({ provider }) => provider === attempt?.provider)?.admin_consent_url
  return url ? <AdminLink url={url} /> : null
}
