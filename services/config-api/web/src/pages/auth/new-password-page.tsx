import { Button, Stack } from "@mantine/core"
import { useForm } from "@mantine/form"
import { IconLockCheck } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { Problem } from "@/api/problem"
import { showFaults, toFirstFault } from "@/components/forms"
import { LinkButton } from "@/components/links"
import { NewPasswordField, useLongEnough } from "@/components/new-password-field"
import { ProblemAlert } from "@/components/problem-alert"
import { AuthPage } from "@/pages/auth/auth-page"
import { Done } from "@/pages/auth/done"

/** For whoever came by the link in the mail. */
export function NewPasswordPage({ token }: { token: string }) {
  const { t } = useTranslation("auth")
  const longEnough = useLongEnough()
  const [saidAll, setSaidAll] = useState(true)
  const form = useForm({ initialValues: { password: "" }, validate: { password: longEnough } })
  const reset = api.useMutation("post", "/api/v1/auth/password-reset/confirm", {
    onError: error => setSaidAll(showFaults(form, error)),
  })
  const tooLate = reset.error instanceof Problem && reset.error.reason === "link_not_valid"
  if (reset.isSuccess) {
    return (
      <AuthPage title={t("newPassword.done")}>
        <Done icon={IconLockCheck} text={t("newPassword.doneText")}>
          <LinkButton to="/login" size="md">
            {t("common:logIn")}
          </LinkButton>
        </Done>
      </AuthPage>
    )
  }
  const send = ({ password }: { password: string }) => reset.mutate({ body: { token, password } })
  return (
    <AuthPage title={t("newPassword.title")} text={t("newPassword.text")}>
      <form noValidate onSubmit={form.onSubmit(send, toFirstFault(form))}>
        <Stack>
          <NewPasswordField {...form.getInputProps("password")} />
          {!saidAll && <ProblemAlert error={reset.error} />}
          {tooLate && (
            <LinkButton to="/reset-password" variant="default" reloadDocument>
              {t("reset.newLink")}
            </LinkButton>
          )}
          <Button type="submit" size="md" loading={reset.isPending}>
            {t("newPassword.button")}
          </Button>
        </Stack>
      </form>
    </AuthPage>
  )
}
