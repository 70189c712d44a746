import { type PasswordInputProps, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { PasswordField } from "@/components/password-field"

export const SHORTEST_PASSWORD = 12

/** Where somebody thinks of a password: says what makes a good one, and how far they are. */
export function NewPasswordField(props: PasswordInputProps & { value?: string }) {
  const { t } = useTranslation("auth")
  const typed = props.value?.length ?? 0
  return (
    <Stack gap={4}>
      <PasswordField
        label={t("newPassword.label")}
        description={t("newPassword.advice", { least: SHORTEST_PASSWORD })}
        autoComplete="new-password"
        required
        {...props}
      />
      <Text size="xs" c="dimmed" aria-live="polite">
        {typed > 0 &&
          typed < SHORTEST_PASSWORD &&
          t("newPassword.more", { count: SHORTEST_PASSWORD - typed })}
        {typed >= SHORTEST_PASSWORD && t("newPassword.longEnough")}
      </Text>
    </Stack>
  )
}

/** A rule of `useForm({ validate })`; whether it is easily guessed is for the API to say. */
export function useLongEnough(): (value: string) => string | null {
  const { t } = useTranslation("auth")
  return value =>
    value.length < SHORTEST_PASSWORD ? t("newPassword.tooShort", { least: SHORTEST_PASSWORD }) : null
}
