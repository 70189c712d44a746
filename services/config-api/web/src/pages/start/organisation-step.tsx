import { Button, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { http, type Schema } from "@/api/client"
import { useAccount } from "@/app/account"
import { showFaults, toFirstFault, useKeptForm } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { useGo, useRemember } from "./way"

/** Its name is all that is needed. Who comes back may correct it. */
export function OrganisationStep({
  organisation,
}: {
  organisation: Schema<"OrganisationPublic"> | undefined
}) {
  const { t } = useTranslation("start")
  const account = useAccount()
  const rules = useRules()
  const go = useGo()
  const navigate = useNavigate()
  const remember = useRemember()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const form = useForm({
    initialValues: { name: organisation?.name ?? "" },
    validate: { name: rules.needed },
  })
  const kept = useKeptForm(form, `start:organisation:${organisation?.id ?? "new"}`)
  const save = async ({ name }: { name: string }) => {
    setBusy(true)
    setError(undefined)
    try {
      const id = await saved(organisation, name.trim(), account.email ?? "")
      kept()
      await remember()
      // Who comes back here corrects this organisation, and does not make another.
      await navigate({ to: "/start", search: { step: "organisation", organisation: id }, replace: true })
      go({ step: "assistant", organisation: id })
    } catch (problem) {
      if (!showFaults(form, problem)) setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form noValidate onSubmit={form.onSubmit(values => void save(values), toFirstFault(form))}>
      <Stack>
        <TextInput
          label={t("organisation.name")}
          description={t("organisation.nameText")}
          placeholder={t("organisation.example")}
          autoComplete="organization"
          size="md"
          maxLength={200}
          required
          {...form.getInputProps("name")}
        />
        <ProblemAlert error={error} />
        <Button type="submit" size="md" loading={busy} style={{ alignSelf: "flex-start" }}>
          {t("next")}
        </Button>
      </Stack>
    </form>
  )
}

/** Returns its id. */
async function saved(organisation: Schema<"OrganisationPublic"> | undefined, name: string, email: string) {
  if (!organisation) {
    const body = { name, email, active: true, industry: "", phone: "", contact: "", address: "", notes: "" }
    const { data } = await http.POST("/api/v1/organisations", { body })
    return data?.id
  }
  if (name !== organisation.name) {
    const params = { path: { organisation_id: organisation.id } }
    await http.PATCH("/api/v1/organisations/{organisation_id}", { params, body: { name } })
  }
  return organisation.id
}
