import { Button, Stack, Textarea, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useAccount } from "@/app/account"
import { showFaults, toFirstFault, useKeptForm } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { useCreateAssistant } from "./create"
import { type FormOfAddress, FormOfAddressField } from "./form-of-address"
import { StartingPointCards } from "./starting-point-cards"
import type { StartingChoice } from "./starting-points"

export type NewAssistant = {
  point: StartingChoice | ""
  name: string
  form_of_address: FormOfAddress
  signature: string
}

interface CreateFormProps {
  organisation: Schema<"OrganisationPublic">
  /** Whether it has to be told from others, and so to be named. */
  named: boolean
  button: string
  onCreated: (assistant: Schema<"AssistantPublic">) => Promise<void> | void
}

/** A new assistant: what it begins with, and how it signs. */
export function CreateForm({ organisation, named, button, onCreated }: CreateFormProps) {
  const { t } = useTranslation("assistant")
  const rules = useRules()
  const account = useAccount()
  const create = useCreateAssistant(organisation)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const person = [account.first_name, account.last_name].filter(Boolean).join(" ")
  const form = useForm<NewAssistant>({
    initialValues: {
      point: "",
      name: named ? "" : t("defaultName"),
      form_of_address: "sie",
      signature: [person, organisation.name].filter(Boolean).join("\n"),
    },
    validate: { point: value => (value ? null : t("startingPoint.needed")), name: rules.needed },
  })
  const kept = useKeptForm(form, `assistant:new:${organisation.id}`)
  const save = async (values: NewAssistant) => {
    setBusy(true)
    setError(undefined)
    try {
      const assistant = await create(values)
      kept()
      await onCreated(assistant)
    } catch (problem) {
      if (!showFaults(form, problem)) setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form noValidate onSubmit={form.onSubmit(values => void save(values), toFirstFault(form))}>
      <Stack gap="lg">
        <StartingPointCards
          value={form.values.point}
          onChange={point => form.setFieldValue("point", point)}
          error={form.errors.point}
        />
        {named && (
          <TextInput
            label={t("name.label")}
            description={t("name.text")}
            maxLength={200}
            required
            {...form.getInputProps("name")}
          />
        )}
        <FormOfAddressField
          value={form.values.form_of_address}
          onChange={value => form.setFieldValue("form_of_address", value)}
        />
        <Textarea
          label={t("signature.label")}
          description={t("signature.text")}
          autosize
          minRows={2}
          maxRows={8}
          {...form.getInputProps("signature")}
        />
        <ProblemAlert error={error} />
        <Button type="submit" size="md" loading={busy} style={{ alignSelf: "flex-start" }}>
          {button}
        </Button>
      </Stack>
    </form>
  )
}
