import { Button, Group, Stack, Text } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useEffect } from "react"
import { useTranslation } from "react-i18next"
import { showFaults, toFirstFault } from "@/components/forms"
import { PasswordField } from "@/components/password-field"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"

interface PasswordStepProps {
  text: string
  button: string
  color?: string
  error: unknown
  busy: boolean
  onPassword: (password: string) => void
  onCancel: () => void
}

/** Asks for the password once more, before what a stolen session must not do. */
export function PasswordStep({ text, button, color, error, busy, onPassword, onCancel }: PasswordStepProps) {
  const { t } = useTranslation("account")
  const { needed } = useRules()
  const form = useForm({ initialValues: { password: "" }, validate: { password: needed } })
  const shown = form.errors.password !== undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: the form is another object with every keystroke
  useEffect(() => {
    if (error) showFaults(form, error)
  }, [error])
  return (
    <form noValidate onSubmit={form.onSubmit(({ password }) => onPassword(password), toFirstFault(form))}>
      <Stack>
        <Text size="sm">{text}</Text>
        <PasswordField
          label={t("passwordNow")}
          autoComplete="current-password"
          data-autofocus
          required
          {...form.getInputProps("password")}
        />
        {!shown && <ProblemAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" color={color} loading={busy}>
            {button}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
