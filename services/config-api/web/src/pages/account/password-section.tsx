import { Button, Group, Stack } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useAccount } from "@/app/account"
import { showFaults, toFirstFault } from "@/components/forms"
import { NewPasswordField, useLongEnough } from "@/components/new-password-field"
import { PasswordField } from "@/components/password-field"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { told } from "@/components/tell"
import { Section } from "@/pages/account/section"
import { SESSIONS } from "@/pages/account/sessions"

const EMPTY = { password: "", new_password: "" }

export function PasswordSection() {
  const { t } = useTranslation("account")
  const account = useAccount()
  const queries = useQueryClient()
  const longEnough = useLongEnough()
  const { needed } = useRules()
  const [saidAll, setSaidAll] = useState(true)
  const form = useForm({ initialValues: EMPTY, validate: { password: needed, new_password: longEnough } })
  const change = api.useMutation("put", "/api/v1/account/password", {
    onSuccess: async () => {
      form.reset()
      told(t("password.changed"))
      await queries.invalidateQueries({ queryKey: SESSIONS })
    },
    onError: error => setSaidAll(showFaults(form, error)),
  })
  return (
    <Section title={t("password.title")} text={t("password.text")}>
      <form noValidate onSubmit={form.onSubmit(body => change.mutate({ body }), toFirstFault(form))}>
        {/* Tells password managers whose password it is. */}
        <input type="text" autoComplete="username" value={account.user_name} readOnly hidden />
        <Stack maw={420}>
          <PasswordField
            label={t("passwordNow")}
            autoComplete="current-password"
            required
            {...form.getInputProps("password")}
          />
          <NewPasswordField label={t("password.new")} {...form.getInputProps("new_password")} />
          {!saidAll && <ProblemAlert error={change.error} />}
          <Group>
            <Button type="submit" loading={change.isPending}>
              {t("password.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}
