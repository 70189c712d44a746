import { Alert, Button, Card, Code, CopyButton, Group, NativeSelect, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useRefresh } from "@/app/refresh"
import { showFaults } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"

const LIST = "/api/v1/organisations/{organisation_id}/api-keys"
const DAYS = ["30", "90", "365", ""] as const

/** Makes a key and shows it: the one time that it can be read. */
export function KeyForm({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("organisation")
  const rules = useRules()
  const refresh = useRefresh()
  const form = useForm({
    initialValues: { name: "", rights: "read", days: "365" },
    validate: { name: rules.needed },
  })
  const create = api.useMutation("post", LIST, {
    onSuccess: async () => {
      form.reset()
      await refresh(LIST)
    },
    onError: error => showFaults(form, error),
  })
  const send = ({ name, rights, days }: typeof form.values) =>
    create.mutate({
      params: { path: { organisation_id: organisationId } },
      body: {
        name,
        scopes: rights === "write" ? ["read", "write"] : ["read"],
        expires_at: days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : null,
      },
    })
  return (
    <Card withBorder padding="lg">
      <form noValidate onSubmit={form.onSubmit(send)}>
        <Group align="flex-start">
          <TextInput
            flex="1 1 220px"
            label={t("keys.name")}
            placeholder={t("keys.nameHint")}
            {...form.getInputProps("name")}
          />
          <NativeSelect
            label={t("keys.rights")}
            data={(["read", "write"] as const).map(value => ({ value, label: t(`keys.${value}`) }))}
            {...form.getInputProps("rights")}
          />
          <NativeSelect
            label={t("keys.valid")}
            data={DAYS.map(value => ({
              value,
              label: value ? t("keys.days", { count: Number(value) }) : t("keys.forever"),
            }))}
            {...form.getInputProps("days")}
          />
          <Button type="submit" mt={25} loading={create.isPending}>
            {t("keys.create")}
          </Button>
        </Group>
      </form>
      <ProblemAlert error={create.error} />
      {create.data && <Shown value={create.data.key} />}
    </Card>
  )
}

function Shown({ value }: { value: string }) {
  const { t } = useTranslation("organisation")
  return (
    <Alert color="green" mt="md" title={t("keys.once")} role="status">
      <Stack align="flex-start">
        <Code block>{value}</Code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t("keys.copied") : t("keys.copy")}
            </Button>
          )}
        </CopyButton>
      </Stack>
    </Alert>
  )
}
