import { Alert, Group, Text } from "@mantine/core"
import { IconInfoCircle } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Problem } from "@/api/problem"
import { useFragment } from "@/app/fragment"
import { useSite } from "@/app/site"
import { useVisitor } from "@/app/visitor"
import { LinkAnchor, LinkButton } from "@/components/links"
import { AuthPage } from "@/pages/auth/auth-page"
import { CodeForm } from "@/pages/auth/code-form"
import { type Credentials, PasswordForm } from "@/pages/auth/password-form"
import { ResendForm } from "@/pages/auth/resend-form"
import { useLogIn } from "@/pages/auth/use-log-in"

const ASKS_FOR_CODE = ["second_factor_required", "code_not_valid"]

export function LoginPage({ next = "/home" }: { next?: string }) {
  const { t } = useTranslation("auth")
  const site = useSite()
  const invitation = useFragment("invitation")
  const [credentials, setCredentials] = useState<Credentials>()
  const logIn = useLogIn(invitation ? `/invitation#token=${invitation}` : next)
  const reason = logIn.error instanceof Problem ? logIn.error.reason : undefined
  const busy = logIn.isPending || logIn.isSuccess

  const send = (body: Credentials & { code?: string }) =>
    logIn.mutate(
      { body },
      {
        onError: error =>
          error instanceof Problem && ASKS_FOR_CODE.includes(error.reason) && setCredentials(body),
      },
    )
  const startOver = () => {
    setCredentials(undefined)
    logIn.reset()
  }
  if (credentials) {
    return (
      <AuthPage title={t("code.title")} text={t("code.text")}>
        <CodeForm
          error={reason === "second_factor_required" ? undefined : logIn.error}
          busy={busy}
          onCode={code => send({ ...credentials, code })}
          onBack={startOver}
        />
      </AuthPage>
    )
  }
  return (
    <AuthPage title={t("login.title")}>
      <AlreadyIn next={next} />
      <PasswordForm error={logIn.error} busy={busy} onCredentials={send} />
      {reason === "not_confirmed" && <ResendForm email={addressIn(logIn.variables?.body.login)} />}
      <Group justify="space-between" mt="lg" gap="xs">
        {site.notices_by_mail && (
          <LinkAnchor to="/reset-password" size="sm">
            {t("login.forgotten")}
          </LinkAnchor>
        )}
        {(site.registration || invitation) && (
          <Text size="sm">
            {t("login.new")}{" "}
            <LinkAnchor
              to="/register"
              underline="always"
              inherit
              hash={invitation && `invitation=${invitation}`}
            >
              {t("login.register")}
            </LinkAnchor>
          </Text>
        )}
      </Group>
    </AuthPage>
  )
}

function addressIn(login: string | undefined): string | undefined {
  return login?.includes("@") ? login : undefined
}

function AlreadyIn({ next }: { next: string }) {
  const { t } = useTranslation("auth")
  const visitor = useVisitor()
  if (!visitor) return null
  return (
    <Alert color="blue" variant="light" icon={<IconInfoCircle aria-hidden />} mb="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{t("login.already", { name: visitor.user_name })}</Text>
        <LinkButton to={next} size="xs" variant="default">
          {t("login.goOn")}
        </LinkButton>
      </Group>
    </Alert>
  )
}
