import { Button, Group, Stack, Text } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { showFaults, toFirstFault, useKeptForm } from "@/components/forms"
import { Part } from "@/components/part"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { told } from "@/components/tell"
import { LimitFields } from "./limit-fields"
import { NameFields } from "./name-fields"
import { useChange } from "./use-change"
import { WritingFields } from "./writing-fields"

/** As the fields have it: a limit that there is not is an empty field, and languages are one choice of four. */
export type Settings = {
  name: string
  description: string
  instructions: string
  form_of_address: Schema<"AssistantPublic">["form_of_address"]
  languages: string
  signature: string
  reply_all: boolean
  extractive_fallback: boolean
  daily_limit: number | ""
  monthly_token_budget: number | ""
}

export function settingsOf(assistant: Schema<"AssistantPublic">): Settings {
  const { name, description, instructions, form_of_address, signature } = assistant
  return {
    name,
    description,
    instructions,
    form_of_address,
    languages: assistant.languages.join(","),
    signature,
    reply_all: assistant.reply_all,
    extractive_fallback: assistant.extractive_fallback,
    daily_limit: assistant.daily_limit ?? "",
    monthly_token_budget: assistant.monthly_token_budget ?? "",
  }
}

function asUpdate(settings: Settings): Schema<"AssistantUpdate"> {
  return {
    ...settings,
    languages: settings.languages.split(",") as ("de" | "en")[],
    daily_limit: settings.daily_limit || null,
    monthly_token_budget: settings.monthly_token_budget || null,
  }
}

interface SettingsFormProps {
  assistant: Schema<"AssistantPublic">
  onSaved: () => void
}

export function SettingsForm({ assistant, onSaved }: SettingsFormProps) {
  const { t } = useTranslation("assistant")
  const rules = useRules()
  const change = useChange()
  const form = useForm<Settings>({
    initialValues: settingsOf(assistant),
    validate: { name: rules.needed },
  })
  const kept = useKeptForm(form, `assistant:${assistant.id}`)
  const params = { path: { organisation_id: assistant.organisation_id, assistant_id: assistant.id } }
  // Once it is saved this form is made anew, with what is saved: callbacks of `mutate` would be forgotten.
  const save = async (settings: Settings) => {
    try {
      await change.mutateAsync({ params, body: asUpdate(settings) })
    } catch (error) {
      showFaults(form, error)
      return
    }
    kept()
    told(t("saved"))
    onSaved()
  }
  return (
    <form noValidate onSubmit={form.onSubmit(values => void save(values), toFirstFault(form))}>
      <Stack gap="lg">
        <Part title={t("writing.title")} text={t("writing.text")}>
          <WritingFields form={form} />
        </Part>
        <Part title={t("name.title")}>
          <NameFields form={form} />
        </Part>
        <Part title={t("limits.title")} text={t("limits.text")} id="limits">
          <LimitFields form={form} />
        </Part>
        <ProblemAlert error={Object.keys(form.errors).length === 0 && change.error} />
        <Group className={form.isDirty() ? "save-bar" : undefined}>
          <Button type="submit" size="md" loading={change.isPending} disabled={!form.isDirty()}>
            {t("save")}
          </Button>
          {form.isDirty() && (
            <Button variant="subtle" onClick={() => form.reset()}>
              {t("discard")}
            </Button>
          )}
          <Text size="sm" c="dimmed" role="status">
            {form.isDirty() ? t("unsaved") : ""}
          </Text>
        </Group>
      </Stack>
    </form>
  )
}
