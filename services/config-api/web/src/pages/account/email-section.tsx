import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { IconMailForward } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useAccount } from "@/app/account"
import { useSite } from "@/app/site"
import { showFaults, toFirstFault } from "@/components/forms"
import { PasswordField } from "@/components/password-field"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { told } from "@/components/tell"
import { Section } from "@/pages/account/section"
import { useAccountChanged } from "@/pages/account/use-account-changed"

const EMPTY = { email: "", password: "" }

export function EmailSection() {
  const { t } = useTranslation("account")
  const account = useAccount()
  const [open, setOpen] = useState(false)
  const [mailedTo, setMailedTo] = useState<string>()
  return (
    <Section title={t("email.title")}>
      <Stack>
        <Group justify="space-between">
          <Text fw={500}>{account.email}</Text>
          {!open && (
            <Button variant="default" onClick={() => setOpen(true)}>
              {t("email.change")}
            </Button>
          )}
        </Group>
        {mailedTo && !open && (
          <Alert variant="light" color="blue" icon={<IconMailForward aria-hidden />} role="status">
            {t("email.mailed", { email: mailedTo })}
          </Alert>
        )}
        {open && <EmailForm onMailed={setMailedTo} onClose={() => setOpen(false)} />}
      </Stack>
    </Section>
  )
}

interface EmailFormProps {
  /** The new address has been sent a link; it counts once that is opened. */
  onMailed: (email: string) => void
  onClose: () => void
}

function EmailForm({ onMailed, onClose }: EmailFormProps) {
  const { t } = useTranslation("account")
  const site = useSite()
  const changed = useAccountChanged()
  const { email, needed } = useRules()
  const [saidAll, setSaidAll] = useState(true)
  const form = useForm({ initialValues: EMPTY, validate: { email, password: needed } })
  const change = api.useMutation("post", "/api/v1/account/email", {
    onSuccess: async () => {
      if (site.confirmation_by_mail) {
        onMailed(form.getValues().email)
      } else {
        await changed()
        told(t("email.changed"))
      }
      onClose()
    },
    onError: error => setSaidAll(showFaults(form, error)),
  })
  return (
    <form noValidate onSubmit={form.onSubmit(body => change.mutate({ body }), toFirstFault(form))}>
      <Stack>
        <TextInput
          label={t("email.new")}
          type="email"
          autoComplete="email"
          required
          {...form.getInputProps("email")}
        />
        <PasswordField
          label={t("passwordNow")}
          autoComplete="current-password"
          required
          {...form.getInputProps("password")}
        />
        {!saidAll && <ProblemAlert error={change.error} />}
        <Group>
          <Button type="submit" loading={change.isPending}>
            {t("email.save")}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t("common:cancel")}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
