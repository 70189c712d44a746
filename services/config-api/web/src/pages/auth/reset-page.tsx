import { Button, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { IconMailForward } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useFragment } from "@/app/fragment"
import { useSite } from "@/app/site"
import { showFaults, toFirstFault } from "@/components/forms"
import { LinkAnchor, LinkButton } from "@/components/links"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { AuthPage } from "@/pages/auth/auth-page"
import { Done } from "@/pages/auth/done"
import { NewPasswordPage } from "@/pages/auth/new-password-page"

export function ResetPage() {
  const token = useFragment("token")
  const site = useSite()
  if (token) return <NewPasswordPage key={token} token={token} />
  return site.notices_by_mail ? <AskPage /> : <NoMailPage />
}

/** Says the same whether the address is known or not. */
function AskPage() {
  const { t } = useTranslation("auth")
  const { email } = useRules()
  const form = useForm({ initialValues: { email: "" }, validate: { email } })
  const ask = api.useMutation("post", "/api/v1/auth/password-reset", {
    onError: error => showFaults(form, error),
  })
  if (ask.isSuccess) {
    return (
      <AuthPage title={t("mailed.title")}>
        <Done icon={IconMailForward} text={t("reset.mailed", { email: form.getValues().email })}>
          <Button variant="default" onClick={ask.reset}>
            {t("reset.again")}
          </Button>
        </Done>
      </AuthPage>
    )
  }
  return (
    <AuthPage title={t("reset.title")} text={t("reset.text")}>
      <form noValidate onSubmit={form.onSubmit(body => ask.mutate({ body }), toFirstFault(form))}>
        <Stack>
          <TextInput
            label={t("email")}
            type="email"
            autoComplete="email"
            required
            {...form.getInputProps("email")}
          />
          <ProblemAlert error={ask.error} />
          <Button type="submit" size="md" loading={ask.isPending}>
            {t("reset.button")}
          </Button>
          <LinkAnchor to="/login" size="sm">
            {t("code.back")}
          </LinkAnchor>
        </Stack>
      </form>
    </AuthPage>
  )
}

function NoMailPage() {
  const { t } = useTranslation("auth")
  return (
    <AuthPage title={t("reset.title")} text={t("reset.noMail")}>
      <LinkButton to="/login" variant="default">
        {t("code.back")}
      </LinkButton>
    </AuthPage>
  )
}
