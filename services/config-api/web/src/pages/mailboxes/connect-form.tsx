import { Button, Collapse, Group, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react"
import { type ReactNode, useEffect, useState } from "react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { toFirstFault } from "@/components/forms"
import { PasswordField } from "@/components/password-field"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { type Connection, guess } from "./connection"
import { DemoHint } from "./demo-hint"
import { ProviderNote } from "./provider-note"
import { ServerFields } from "./server-fields"
import { TestOutcome } from "./test-outcome"
import { useConnect } from "./use-connect"

interface ConnectFormProps {
  organisationId: string
  assistantId: string
  /** To begin with; may be empty. */
  address: string
  onConnected: (mailbox: Schema<"MailboxPublic">) => void
  /** Beside the button: another way on. */
  children?: ReactNode
}

/** An address and a password are all it takes; the rest is found, and can be set by hand. */
export function ConnectForm({
  organisationId,
  assistantId,
  address,
  onConnected,
  children,
}: ConnectFormProps) {
  const { t } = useTranslation("mailboxes")
  const rules = useRules()
  const [server, setServer] = useState(false)
  const form = useForm<Connection>({
    initialValues: { address, imap: { ...guess(""), password: "" } },
    validate: { address: rules.email, imap: { password: rules.needed } },
  })
  const { candidate, discovery, lookAhead, connect, phase, test, error } = useConnect({
    organisationId,
    assistantId,
    form,
    showServer: setServer,
    onConnected,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for the address that is there already
  useEffect(() => lookAhead(address, true), [])
  const own = candidate?.authentication === "app_password"
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(
        values => void connect({ ...values, address: values.address.trim() }),
        toFirstFault(form),
      )}
    >
      <Stack>
        <DemoHint
          onUse={demo => {
            form.setFieldValue("address", demo.address)
            form.setFieldValue("imap.password", demo.password)
            lookAhead(demo.address)
          }}
        />
        <div>
          <TextInput
            label={t("address.label")}
            description={t("address.text")}
            type="email"
            autoComplete="email"
            autoCapitalize="off"
            required
            {...form.getInputProps("address")}
            onBlur={event => lookAhead(event.currentTarget.value.trim())}
          />
          <ProviderNote discovery={discovery} candidate={candidate} />
        </div>
        <PasswordField
          label={t("password.label")}
          description={own ? t("password.ownText") : t("password.text")}
          autoComplete="current-password"
          required
          {...form.getInputProps("imap.password")}
        />
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => setServer(!server)}
          aria-expanded={server}
          rightSection={server ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
          style={{ alignSelf: "flex-start" }}
        >
          {t("server.toggle")}
        </Button>
        <Collapse expanded={server}>
          <ServerFields form={form} />
        </Collapse>
        <TestOutcome
          test={test}
          testing={phase === "testing"}
          helpUrl={candidate?.help_url}
          provider={candidate?.provider}
        />
        <ProblemAlert error={error} />
        <Group justify="space-between">
          <Button type="submit" size="md" loading={phase !== "idle"}>
            {t("connect")}
          </Button>
          {children}
        </Group>
      </Stack>
    </form>
  )
}
