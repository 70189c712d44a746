import { IconMailCheck } from "@tabler/icons-react"
import { useEffect } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { Problem } from "@/api/problem"
import { useFragment } from "@/app/fragment"
import { useVisitor } from "@/app/visitor"
import { LinkButton } from "@/components/links"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { AuthPage } from "@/pages/auth/auth-page"
import { Done } from "@/pages/auth/done"
import { ResendForm } from "@/pages/auth/resend-form"

export function ConfirmPage() {
  const { t } = useTranslation("auth")
  const token = useFragment("token")
  const visitor = useVisitor()
  const { mutate, ...confirm } = api.useMutation("post", "/api/v1/auth/confirm")
  useEffect(() => {
    if (token) mutate({ body: { token } })
  }, [token, mutate])

  if (!token) {
    return (
      <AuthPage title={t("confirm.title")} text={t("confirm.noToken")}>
        <ResendForm />
      </AuthPage>
    )
  }
  if (confirm.error) {
    const tooLate = confirm.error instanceof Problem && confirm.error.reason === "link_not_valid"
    return (
      <AuthPage title={t("confirm.failed")}>
        <ProblemAlert
          error={confirm.error}
          onRetry={tooLate ? undefined : () => mutate({ body: { token } })}
        />
        {tooLate && <ResendForm />}
      </AuthPage>
    )
  }
  if (!confirm.isSuccess) {
    return (
      <AuthPage title={t("confirm.title")}>
        <Waiting />
      </AuthPage>
    )
  }
  return (
    <AuthPage title={t("confirm.done")}>
      <Done icon={IconMailCheck} text={visitor ? t("confirm.changed") : t("confirm.text")}>
        {visitor ? (
          <LinkButton to="/account">{t("confirm.toAccount")}</LinkButton>
        ) : (
          <LinkButton to="/login" search={{ next: "/start" }} size="md">
            {t("common:logIn")}
          </LinkButton>
        )}
      </Done>
    </AuthPage>
  )
}
