import { Anchor, Button, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useToggle } from "@mantine/hooks"
import { useTranslation } from "react-i18next"
import { toFirstFault } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"

interface CodeFormProps {
  error: unknown
  busy: boolean
  onCode: (code: string) => void
  onBack: () => void
}

/** The second step of logging in, for who has a second factor. */
export function CodeForm({ error, busy, onCode, onBack }: CodeFormProps) {
  const { t } = useTranslation("auth")
  const { needed } = useRules()
  const [kind, change] = useToggle(["app", "recovery"] as const)
  const form = useForm({ initialValues: { code: "" }, validate: { code: needed } })
  return (
    <form noValidate onSubmit={form.onSubmit(({ code }) => onCode(code), toFirstFault(form))}>
      <Stack>
        <TextInput
          key={kind}
          label={t(`code.${kind}.label`)}
          description={t(`code.${kind}.text`)}
          inputMode={kind === "app" ? "numeric" : "text"}
          autoComplete="one-time-code"
          spellCheck={false}
          autoCapitalize="off"
          autoFocus
          required
          {...form.getInputProps("code")}
        />
        <ProblemAlert error={error} />
        <Button type="submit" size="md" loading={busy}>
          {t("common:logIn")}
        </Button>
        <Anchor component="button" type="button" size="sm" onClick={() => change()}>
          {t(`code.${kind}.other`)}
        </Anchor>
        <Anchor component="button" type="button" size="sm" onClick={onBack}>
          {t("code.back")}
        </Anchor>
      </Stack>
    </form>
  )
}
