import { Anchor, Button, Checkbox, Collapse, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useDisclosure } from "@mantine/hooks"
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react"
import { useState } from "react"
import { Trans, useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { Problem } from "@/api/problem"
import { useSite } from "@/app/site"
import { showFaults, toFirstFault } from "@/components/forms"
import { NewPasswordField, useLongEnough } from "@/components/new-password-field"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { suggestUserName } from "@/pages/auth/user-name"

export interface Registered {
  email: string
  user_name: string
  password: string
}

interface RegisterFormProps {
  invitation: string | undefined
  /** Whether what follows is still under way. */
  busy: boolean
  onRegistered: (who: Registered) => void
}

const EMPTY = {
  email: "",
  user_name: "",
  password: "",
  first_name: "",
  last_name: "",
  newsletter: false,
  terms_version: false,
}

export function RegisterForm({ invitation, busy, onRegistered }: RegisterFormProps) {
  const { t, i18n } = useTranslation("auth")
  const site = useSite()
  const longEnough = useLongEnough()
  const rules = useRules()
  const [more, { toggle, open }] = useDisclosure()
  const [saidAll, setSaidAll] = useState(true)
  const form = useForm({
    initialValues: EMPTY,
    validate: {
      email: rules.email,
      user_name: rules.needed,
      password: longEnough,
      terms_version: accepted => (accepted ? null : t("register.termsNeeded")),
    },
  })
  const register = api.useMutation("post", "/api/v1/auth/register", {
    onSuccess: () => onRegistered(form.getValues()),
    onError: error => {
      setSaidAll(showFaults(form, error))
      const faults = error instanceof Problem ? error.fields : {}
      toFirstFault(form)(faults)
      if ("first_name" in faults || "last_name" in faults) open()
    },
  })
  const send = ({ terms_version: _, ...values }: typeof EMPTY) =>
    register.mutate({
      body: {
        ...values,
        invitation: invitation ?? null,
        language: i18n.language === "en" ? "en" : "de",
        terms_version: site.terms_version,
      },
    })
  const suggest = () => {
    if (!form.isTouched("user_name") || !form.getValues().user_name) {
      form.setFieldValue("user_name", suggestUserName(form.getValues().email))
      form.resetTouched()
    }
  }
  return (
    <form noValidate onSubmit={form.onSubmit(send, toFirstFault(form))}>
      <Stack>
        <TextInput
          label={t("email")}
          type="email"
          autoComplete="email"
          required
          {...form.getInputProps("email")}
          onBlur={suggest}
        />
        <TextInput
          label={t("userName.label")}
          description={t("userName.text")}
          autoComplete="username"
          autoCapitalize="off"
          spellCheck={false}
          required
          maxLength={40}
          {...form.getInputProps("user_name")}
        />
        <NewPasswordField {...form.getInputProps("password")} />
        <Button
          variant="transparent"
          size="compact-sm"
          px={0}
          onClick={toggle}
          aria-expanded={more}
          rightSection={more ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
          style={{ alignSelf: "flex-start" }}
        >
          {t("register.more")}
        </Button>
        <Collapse expanded={more}>
          <Stack>
            <TextInput
              label={t("firstName")}
              autoComplete="given-name"
              maxLength={100}
              {...form.getInputProps("first_name")}
            />
            <TextInput
              label={t("lastName")}
              autoComplete="family-name"
              maxLength={100}
              {...form.getInputProps("last_name")}
            />
            {site.notices_by_mail && (
              <Checkbox
                label={t("register.newsletter")}
                {...form.getInputProps("newsletter", { type: "checkbox" })}
              />
            )}
          </Stack>
        </Collapse>
        <Checkbox
          label={<Consent />}
          {...form.getInputProps("terms_version", { type: "checkbox" })}
          required
        />
        {!saidAll && <ProblemAlert error={register.error} />}
        <Button type="submit" size="md" loading={register.isPending || busy}>
          {t("register.button")}
        </Button>
      </Stack>
    </form>
  )
}

/** Its links open beside the form, which keeps what was typed. */
function Consent() {
  const { t } = useTranslation("auth")
  const link = (text: string) => <Anchor href={`/legal/${text}`} target="_blank" inherit underline="always" />
  return (
    <Trans t={t} i18nKey="register.consent" components={{ terms: link("terms"), privacy: link("privacy") }} />
  )
}
