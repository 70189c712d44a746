import { Badge, Button, Card, Group, Stack, Text, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { IconGavel } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { useRefresh } from "@/app/refresh"
import { EmptyState } from "@/components/empty-state"
import { showFaults } from "@/components/forms"
import { BY_CURSOR, More } from "@/components/more"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert, useSentence } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { askFirst, complained, told } from "@/components/tell"
import { Waiting } from "@/components/waiting"

const LIST = "/api/v1/operator/audit/legal-holds"

/** Entries that a legal hold keeps are not made anonymous. */
export function HoldsPage() {
  const { t } = useTranslation("operator")
  const query = api.useInfiniteQuery("get", LIST, { params: { query: { limit: 50 } } }, BY_CURSOR)
  const holds = query.data?.pages.flatMap(page => page.items) ?? []
  return (
    <>
      <PageHeader title={t("holds.title")} text={t("holds.text")} />
      <HoldForm />
      <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Waiting />}
      {query.isSuccess && holds.length === 0 && (
        <EmptyState icon={IconGavel} title={t("holds.none")} text={t("holds.noneText")} />
      )}
      <Stack component="ul" gap="xs" p={0} m={0}>
        {holds.map(hold => (
          <Hold key={hold.id} hold={hold} />
        ))}
      </Stack>
      <More query={query} />
    </>
  )
}

function HoldForm() {
  const { t } = useTranslation("operator")
  const rules = useRules()
  const refresh = useRefresh()
  const form = useForm({
    initialValues: { name: "", user_name: "", actor: "" },
    validate: { name: rules.needed },
  })
  const create = api.useMutation("post", LIST, {
    onSuccess: async () => {
      form.reset()
      told(t("holds.created"))
      await refresh(LIST)
    },
    onError: error => showFaults(form, error),
  })
  return (
    <Card withBorder mb="md">
      <form noValidate onSubmit={form.onSubmit(body => create.mutate({ body }))}>
        <Group align="flex-start">
          <TextInput flex="1 1 220px" label={t("holds.name")} {...form.getInputProps("name")} />
          <TextInput flex="1 1 180px" label={t("audit.user_name")} {...form.getInputProps("user_name")} />
          <TextInput flex="1 1 180px" label={t("audit.actor")} {...form.getInputProps("actor")} />
          <Button type="submit" mt={25} loading={create.isPending}>
            {t("holds.create")}
          </Button>
        </Group>
        <ProblemAlert error={create.error} />
      </form>
    </Card>
  )
}

function Hold({ hold }: { hold: Schema<"LegalHold"> }) {
  const { t } = useTranslation("operator")
  const { date } = useFormats()
  const refresh = useRefresh()
  const sentence = useSentence()
  const release = api.useMutation("delete", `${LIST}/{hold_id}`, {
    onSuccess: async () => {
      told(t("holds.releasedNow"))
      await refresh(LIST)
    },
    onError: error => complained(sentence(error)),
  })
  const ask = () =>
    askFirst({
      title: t("holds.releaseTitle", { name: hold.name }),
      text: t("holds.releaseText"),
      confirm: t("holds.release"),
      onConfirm: () => release.mutate({ params: { path: { hold_id: hold.id } } }),
    })
  return (
    <Card withBorder component="li" padding="sm">
      <Group justify="space-between">
        <Stack gap={0}>
          <Text fw={550}>{hold.name}</Text>
          <Text size="sm" c="dimmed">
            {[hold.user_name, hold.actor, hold.address, date(hold.created_at)].filter(Boolean).join(" · ")}
          </Text>
        </Stack>
        {hold.released_at ? (
          <Badge variant="light" color="gray">
            {t("holds.released")}
          </Badge>
        ) : (
          <Button variant="default" size="compact-md" loading={release.isPending} onClick={ask}>
            {t("holds.release")}
          </Button>
        )}
      </Group>
    </Card>
  )
}
