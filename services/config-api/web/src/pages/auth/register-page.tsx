import { Alert, Stack, Text } from "@mantine/core"
import { IconInfoCircle, IconMailForward } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Problem } from "@/api/problem"
import { useFragment } from "@/app/fragment"
import { useSite } from "@/app/site"
import { LinkAnchor, LinkButton } from "@/components/links"
import { ProblemAlert } from "@/components/problem-alert"
import { AuthPage } from "@/pages/auth/auth-page"
import { Done } from "@/pages/auth/done"
import { type Registered, RegisterForm } from "@/pages/auth/register-form"
import { ResendForm } from "@/pages/auth/resend-form"
import { useLogIn } from "@/pages/auth/use-log-in"

export function RegisterPage() {
  const { t } = useTranslation("auth")
  const site = useSite()
  const invitation = useFragment("invitation")
  const [mailedTo, setMailedTo] = useState<string>()
  const logIn = useLogIn(invitation ? "/home" : "/start")

  if (mailedTo) return <LookIntoYourMail email={mailedTo} />
  if (!site.registration && !invitation) return <Closed />

  const goOn = ({ email, user_name, password }: Registered) => {
    // Whoever was invited has proven the address with the link, unless an account has it already.
    if (site.confirmation_by_mail && !invitation) return setMailedTo(email)
    logIn.mutate(
      { body: { login: user_name, password } },
      {
        onError: error => error instanceof Problem && error.reason === "not_confirmed" && setMailedTo(email),
      },
    )
  }
  return (
    <AuthPage title={t("register.title")} text={t("register.text", { days: site.trial_days })}>
      {invitation && (
        <Alert color="blue" variant="light" icon={<IconInfoCircle aria-hidden />} mb="md">
          {t("register.invited")}
        </Alert>
      )}
      <RegisterForm invitation={invitation} busy={logIn.isPending || logIn.isSuccess} onRegistered={goOn} />
      <ProblemAlert error={logIn.error} />
      <Text size="sm" mt="lg">
        {t("register.known")}{" "}
        <LinkAnchor to="/login" underline="always" inherit hash={invitation && `invitation=${invitation}`}>
          {t("common:logIn")}
        </LinkAnchor>
      </Text>
    </AuthPage>
  )
}

function LookIntoYourMail({ email }: { email: string }) {
  const { t } = useTranslation("auth")
  return (
    <AuthPage title={t("mailed.title")}>
      <Done icon={IconMailForward} text={t("mailed.text", { email })}>
        <Stack gap="xs" w="100%">
          <Text size="sm" c="dimmed">
            {t("mailed.nothing")}
          </Text>
          <ResendForm email={email} />
        </Stack>
      </Done>
    </AuthPage>
  )
}

function Closed() {
  const { t } = useTranslation("auth")
  return (
    <AuthPage title={t("closed.title")} text={t("closed.text")}>
      <LinkButton to="/login">{t("common:logIn")}</LinkButton>
    </AuthPage>
  )
}
