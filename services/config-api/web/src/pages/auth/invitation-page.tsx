import { Button, Stack, Text } from "@mantine/core"
import { useRouter } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { Problem } from "@/api/problem"
import { useForgetEverything } from "@/app/account"
import { useFragment } from "@/app/fragment"
import { forgetKept } from "@/app/kept"
import { useForgetVisitor, useVisitor } from "@/app/visitor"
import { LinkButton } from "@/components/links"
import { ProblemAlert } from "@/components/problem-alert"
import { AuthPage } from "@/pages/auth/auth-page"

export function InvitationPage() {
  const { t } = useTranslation("auth")
  const token = useFragment("token")
  const visitor = useVisitor()
  if (!token) return <AuthPage title={t("invitation.title")} text={t("invitation.noToken")} />
  if (visitor) return <Accept token={token} visitor={visitor} />
  const carried = { hash: `invitation=${token}` }
  return (
    <AuthPage title={t("invitation.title")} text={t("invitation.text")}>
      <Stack>
        <LinkButton to="/register" {...carried} size="md">
          {t("login.register")}
        </LinkButton>
        <LinkButton to="/login" {...carried} size="md" variant="default">
          {t("invitation.known")}
        </LinkButton>
      </Stack>
    </AuthPage>
  )
}

function Accept({ token, visitor }: { token: string; visitor: Schema<"AccountPublic"> }) {
  const { t } = useTranslation("auth")
  const router = useRouter()
  const forget = useForgetEverything()
  const accept = api.useMutation("post", "/api/v1/invitations/accept", {
    onSuccess: ({ organisation_id }) => {
      forget()
      router.history.push(`/organisations/${organisation_id}`)
    },
  })
  const another = accept.error instanceof Problem && accept.error.reason === "invitation_for_another_address"
  return (
    <AuthPage title={t("invitation.title")} text={t("invitation.loggedIn", { name: visitor.user_name })}>
      <Stack>
        <ProblemAlert error={accept.error} />
        {another ? (
          <ChangeAccount token={token} />
        ) : (
          <Button size="md" onClick={() => accept.mutate({ body: { token } })} loading={accept.isPending}>
            {t("invitation.accept")}
          </Button>
        )}
        <Text size="sm" c="dimmed">
          {t("invitation.address", { email: visitor.email })}
        </Text>
      </Stack>
    </AuthPage>
  )
}

/** Logs out, and in again as somebody else, with the invitation still at hand. */
function ChangeAccount({ token }: { token: string }) {
  const { t } = useTranslation("auth")
  const router = useRouter()
  const forget = useForgetEverything()
  const forgetVisitor = useForgetVisitor()
  const logOut = api.useMutation("post", "/api/v1/auth/logout", {
    onSuccess: () => {
      forgetVisitor()
      forget()
      forgetKept()
      router.history.push(`/login#invitation=${token}`)
    },
  })
  return (
    <>
      <ProblemAlert error={logOut.error} />
      <Button size="md" onClick={() => logOut.mutate({})} loading={logOut.isPending}>
        {t("invitation.another")}
      </Button>
    </>
  )
}
