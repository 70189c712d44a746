import { Button } from "@mantine/core"
import { IconMailOff } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { LinkButton } from "@/components/links"
import { ProblemAlert } from "@/components/problem-alert"
import { AuthPage } from "@/pages/auth/auth-page"
import { Done } from "@/pages/auth/done"

/** A click is needed, so that no mail scanner that opens links takes the newsletter from anybody. */
export function UnsubscribePage({ token }: { token: string }) {
  const { t } = useTranslation("auth")
  const unsubscribe = api.useMutation("post", "/api/v1/newsletter/unsubscribe")
  if (!token) {
    return (
      <AuthPage title={t("unsubscribe.title")} text={t("unsubscribe.noToken")}>
        <LinkButton to="/account">{t("confirm.toAccount")}</LinkButton>
      </AuthPage>
    )
  }
  if (unsubscribe.isSuccess) {
    return (
      <AuthPage title={t("unsubscribe.done")}>
        <Done icon={IconMailOff} text={t("unsubscribe.doneText")} />
      </AuthPage>
    )
  }
  const send = () => unsubscribe.mutate({ params: { query: { token } } })
  return (
    <AuthPage title={t("unsubscribe.title")} text={t("unsubscribe.text")}>
      <ProblemAlert error={unsubscribe.error} />
      <Button size="md" onClick={send} loading={unsubscribe.isPending}>
        {t("unsubscribe.button")}
      </Button>
    </AuthPage>
  )
}
