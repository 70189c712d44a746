import { Button, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useTranslation } from "react-i18next"
import { toFirstFault } from "@/components/forms"
import { PasswordField } from "@/components/password-field"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"

export interface Credentials {
  login: string
  password: string
}

interface PasswordFormProps {
  error: unknown
  busy: boolean
  onCredentials: (credentials: Credentials) => void
}

/** The first step of logging in. */
export function PasswordForm({ error, busy, onCredentials }: PasswordFormProps) {
  const { t } = useTranslation("auth")
  const { needed } = useRules()
  const form = useForm({
    initialValues: { login: "", password: "" },
    validate: { login: needed, password: needed },
  })
  return (
    <form noValidate onSubmit={form.onSubmit(onCredentials, toFirstFault(form))}>
      <Stack>
        <TextInput
          label={t("login.login")}
          autoComplete="username"
          autoCapitalize="off"
          spellCheck={false}
          required
          {...form.getInputProps("login")}
        />
        <PasswordField
          label={t("password")}
          autoComplete="current-password"
          required
          {...form.getInputProps("password")}
        />
        <ProblemAlert error={error} />
        <Button type="submit" size="md" loading={busy}>
          {t("common:logIn")}
        </Button>
      </Stack>
    </form>
  )
}
