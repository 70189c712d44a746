import { Button, Collapse, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useDisclosure } from "@mantine/hooks"
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { http, type Schema } from "@/api/client"
import { Problem } from "@/api/problem"
import { showFaults, toFirstFault } from "@/components/forms"
import { PasswordField } from "@/components/password-field"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { told } from "@/components/tell"
import { type Connection, fieldOf } from "./connection"
import { ServerFields } from "./server-fields"
import { TestOutcome } from "./test-outcome"
import { useRefreshMailboxes } from "./use-mailbox"

const TEST = "/api/v1/organisations/{organisation_id}/mailboxes/test"
const ONE = "/api/v1/organisations/{organisation_id}/mailboxes/{mailbox_id}"

interface AccessFormProps {
  mailbox: Schema<"MailboxPublic">
  imap: Schema<"ImapPublic">
}

/** A new password, or another server; nothing is saved that does not work. */
export function AccessForm({ mailbox, imap }: AccessFormProps) {
  const { t } = useTranslation("mailboxes")
  const rules = useRules()
  const refresh = useRefreshMailboxes()
  const [server, { toggle, open }] = useDisclosure()
  const [phase, setPhase] = useState<"idle" | "testing" | "saving">("idle")
  const [test, setTest] = useState<Schema<"TestResult">>()
  const [error, setError] = useState<unknown>()
  const form = useForm<Connection>({
    initialValues: { address: mailbox.address, imap: { ...imap, password: "" } },
    validate: { imap: { password: rules.needed, host: rules.needed, username: rules.needed } },
  })
  const complain = (failed: Schema<"TestResult">) => {
    setTest(failed)
    const field = fieldOf(failed.reason)
    if (!field) return
    form.setFieldError(field, t("test.look"))
    if (field !== "imap.password") open()
    window.setTimeout(() => form.getInputNode(field)?.focus(), 50)
  }
  const save = async ({ address, imap }: Connection) => {
    setError(undefined)
    setTest(undefined)
    setPhase("testing")
    const path = { organisation_id: mailbox.organisation_id }
    try {
      const tested = await http.POST(TEST, { params: { path }, body: { mailbox_id: mailbox.id, imap } })
      if (!tested.data?.ok) return tested.data && complain(tested.data)
      setPhase("saving")
      await http.PATCH(ONE, {
        params: { path: { ...path, mailbox_id: mailbox.id } },
        body: { address: address.trim(), imap },
      })
      await refresh()
      form.setFieldValue("imap.password", "")
      setTest(undefined)
      told(t("access.saved"))
    } catch (problem) {
      showFaults(form, problem)
      if (problem instanceof Problem && problem.errors?.length) open()
      setError(problem)
    } finally {
      setPhase("idle")
    }
  }
  const faults = toFirstFault(form)
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(
        values => void save(values),
        found => {
          if ("imap.host" in found || "imap.username" in found) open()
          faults(found)
        },
      )}
    >
      <Stack>
        <input hidden autoComplete="username" value={imap.username} readOnly />
        <PasswordField
          label={t("access.password")}
          description={t("password.text")}
          autoComplete="current-password"
          required
          {...form.getInputProps("imap.password")}
        />
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={toggle}
          aria-expanded={server}
          rightSection={server ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
          style={{ alignSelf: "flex-start" }}
        >
          {t("server.toggle")}
        </Button>
        <Collapse expanded={server}>
          <Stack gap="sm">
            <TextInput label={t("address.label")} type="email" {...form.getInputProps("address")} />
            <ServerFields form={form} />
          </Stack>
        </Collapse>
        <TestOutcome test={test} testing={phase === "testing"} />
        <ProblemAlert error={error} />
        <Button type="submit" loading={phase !== "idle"} style={{ alignSelf: "flex-start" }}>
          {t("access.save")}
        </Button>
      </Stack>
    </form>
  )
}
