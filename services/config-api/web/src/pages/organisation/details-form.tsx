import { Button, Card, Fieldset, Group, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useRefresh } from "@/app/refresh"
import { showFaults, useKeptForm } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { told } from "@/components/tell"

const FIELDS = ["name", "industry", "email", "phone", "contact", "address", "notes"] as const
type Values = Pick<Schema<"OrganisationPublic">, (typeof FIELDS)[number]>

interface DetailsFormProps {
  organisation: Schema<"OrganisationPublic">
  owner: boolean
}

export function DetailsForm({ organisation, owner }: DetailsFormProps) {
  const { t } = useTranslation("organisation")
  const rules = useRules()
  const refresh = useRefresh()
  const form = useForm<Values>({ initialValues: valuesOf(organisation), validate: { name: rules.needed } })
  const saved = useKeptForm(form, `organisation:${organisation.id}`)
  const save = api.useMutation("patch", "/api/v1/organisations/{organisation_id}", {
    onError: error => showFaults(form, error),
    onSuccess: async () => {
      saved()
      told(t("details.saved"))
      await refresh("/api/v1/organisations", "/api/v1/organisations/{organisation_id}")
    },
  })
  const params = { path: { organisation_id: organisation.id } }
  return (
    <Card withBorder padding="lg" component="section" aria-label={t("details.label")}>
      <form noValidate onSubmit={form.onSubmit(body => save.mutate({ params, body }))}>
        <Fieldset variant="unstyled" disabled={!owner}>
          <Stack>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextInput
                label={t("details.name")}
                withAsterisk
                autoComplete="organization"
                {...form.getInputProps("name")}
              />
              <TextInput label={t("details.industry")} {...form.getInputProps("industry")} />
              <TextInput
                label={t("details.email")}
                type="email"
                autoComplete="email"
                {...form.getInputProps("email")}
              />
              <TextInput
                label={t("details.phone")}
                type="tel"
                autoComplete="tel"
                {...form.getInputProps("phone")}
              />
            </SimpleGrid>
            <TextInput label={t("details.contact")} autoComplete="name" {...form.getInputProps("contact")} />
            <Textarea
              label={t("details.address")}
              description={t("details.addressHint")}
              autosize
              minRows={3}
              autoComplete="street-address"
              {...form.getInputProps("address")}
            />
            <Textarea
              label={t("details.notes")}
              description={t("details.notesHint")}
              autosize
              minRows={2}
              {...form.getInputProps("notes")}
            />
          </Stack>
        </Fieldset>
        <ProblemAlert error={save.error} />
        {owner && (
          <Group justify="flex-end" mt="md">
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              {t("details.save")}
            </Button>
          </Group>
        )}
      </form>
    </Card>
  )
}

function valuesOf(organisation: Schema<"OrganisationPublic">): Values {
  return Object.fromEntries(FIELDS.map(name => [name, organisation[name]])) as Values
}
