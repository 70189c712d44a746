import { Button, Group, Stack, Text, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { showFaults, toFirstFault } from "@/components/forms"
import { PasswordField } from "@/components/password-field"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { told } from "@/components/tell"
import { useAccountChanged } from "@/pages/account/use-account-changed"

export function SecondFactorRemoval({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("account")
  const changed = useAccountChanged()
  const { needed } = useRules()
  const [saidAll, setSaidAll] = useState(true)
  const form = useForm({
    initialValues: { password: "", code: "" },
    validate: { password: needed, code: needed },
  })
  const remove = api.useMutation("delete", "/api/v1/account/second-factor", {
    onSuccess: async () => {
      onClose()
      await changed()
      told(t("secondFactor.switchedOff"))
    },
    onError: error => setSaidAll(showFaults(form, error)),
  })
  return (
    <form noValidate onSubmit={form.onSubmit(body => remove.mutate({ body }), toFirstFault(form))}>
      <Stack>
        <Text size="sm">{t("secondFactor.switchOffText")}</Text>
        <PasswordField
          label={t("passwordNow")}
          autoComplete="current-password"
          data-autofocus
          required
          {...form.getInputProps("password")}
        />
        <TextInput
          label={t("secondFactor.code")}
          autoComplete="one-time-code"
          maxLength={40}
          required
          {...form.getInputProps("code")}
        />
        {!saidAll && <ProblemAlert error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" color="red" loading={remove.isPending}>
            {t("secondFactor.switchOff")}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
