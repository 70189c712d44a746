import { Button, Stack, Text, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { showFaults, toFirstFault } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"

/** Has the link that confirms a registration mailed once more. */
export function ResendForm({ email = "" }: { email?: string }) {
  const { t } = useTranslation("auth")
  const { email: isEmail } = useRules()
  const form = useForm({ initialValues: { email }, validate: { email: isEmail } })
  const resend = api.useMutation("post", "/api/v1/auth/resend", { onError: error => showFaults(form, error) })
  if (resend.isSuccess) return <Text role="status">{t("resend.done")}</Text>
  return (
    <form noValidate onSubmit={form.onSubmit(body => resend.mutate({ body }), toFirstFault(form))}>
      <Stack gap="sm">
        {!email && (
          <TextInput
            label={t("email")}
            type="email"
            autoComplete="email"
            required
            {...form.getInputProps("email")}
          />
        )}
        <ProblemAlert error={resend.error} />
        <Button type="submit" variant="default" loading={resend.isPending}>
          {t("resend.button")}
        </Button>
      </Stack>
    </form>
  )
}
