import { Button, Group, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { type ReactNode, useEffect, useState } from "react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { toFirstFault } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { type Attempt, keptAttempt } from "@/pages/connect/attempt"
import { ConnectButtons } from "@/pages/connect/connect-buttons"
import { ConnectDialog } from "@/pages/connect/connect-dialog"
import { Offer } from "@/pages/connect/offer"
import { useConnectable } from "@/pages/connect/use-connectable"
import { type Connection, guess } from "./connection"
import { DemoHint } from "./demo-hint"
import { PasswordPart } from "./password-part"
import { ProviderNote } from "./provider-note"
import { TestOutcome } from "./test-outcome"
import { useConnect } from "./use-connect"

interface ConnectFormProps {
  organisationId: string
  assistantId: string
  /** To begin with; may be empty. */
  address: string
  /** The page to come back to from a provider's own. */
  returnTo: Attempt["returnTo"]
  onConnected: (mailbox: Schema<"MailboxPublic">) => void
  /** Beside the button: another way on. */
  children?: ReactNode
}

/**
 * Two clicks where the provider can be connected; else an address and a password are all it takes, the rest is found,
 * and can be set by hand.
 */
export function ConnectForm({
  organisationId,
  assistantId,
  address: own,
  returnTo,
  onConnected,
  children,
}: ConnectFormProps) {
  const { t } = useTranslation("mailboxes")
  const rules = useRules()
  const [server, setServer] = useState(false)
  const [byPassword, setByPassword] = useState(false)
  const [chosen, setChosen] = useState<Schema<"ConnectableProvider">>()
  const [address] = useState(() => keptAttempt(organisationId)?.address || own)
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
  const connectable = useConnectable(organisationId)
  const offered = byPassword ? undefined : connectable.find(({ provider }) => provider === candidate?.connect)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for the address that is there already
  useEffect(() => lookAhead(address, true), [])
  const connectByPassword = form.onSubmit(
    values => void connect({ ...values, address: values.address.trim() }),
    toFirstFault(form),
  )
  return (
    <>
      <form
        noValidate
        onSubmit={event => {
          if (!offered) return connectByPassword(event)
          event.preventDefault()
          setChosen(offered)
        }}
      >
        <Stack>
          <DemoHint
            onUse={demo => {
              form.setFieldValue("address", demo.address)
              form.setFieldValue("imap.password", demo.password)
              lookAhead(demo.address)
            }}
          />
          <ConnectButtons providers={connectable} onChoose={setChosen} />
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
            {!offered && <ProviderNote discovery={discovery} candidate={candidate} />}
          </div>
          {offered ? (
            <Offer
              provider={offered}
              onChoose={() => setChosen(offered)}
              onPassword={candidate?.authentication === "oauth2" ? undefined : () => setByPassword(true)}
            />
          ) : (
            <PasswordPart
              form={form}
              own={candidate?.authentication === "app_password"}
              server={server}
              onServer={setServer}
            />
          )}
          <TestOutcome
            test={test}
            testing={phase === "testing"}
            helpUrl={candidate?.help_url}
            provider={candidate?.provider}
          />
          <ProblemAlert error={error} />
          <Group justify="space-between">
            {!offered && (
              <Button type="submit" size="md" loading={phase !== "idle"}>
                {t("connect")}
              </Button>
            )}
            {children}
          </Group>
        </Stack>
      </form>
      {chosen && (
        <ConnectDialog
          provider={chosen}
          attempt={{
            organisation: organisationId,
            assistant: assistantId,
            team: "",
            returnTo,
            address: form.values.address,
          }}
          onClose={() => setChosen(undefined)}
        />
      )}
    </>
  )
}
