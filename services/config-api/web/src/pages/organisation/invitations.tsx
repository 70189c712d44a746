import { Button, Card, Group, NativeSelect, Stack, Text, TextInput, Title } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import type { Language } from "@/app/i18n"
import { useRefresh } from "@/app/refresh"
import { showFaults } from "@/components/forms"
import { ProblemAlert, useSentence } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { complained, told } from "@/components/tell"

const LIST = "/api/v1/organisations/{organisation_id}/invitations"

/** Who has been asked to join and has not answered yet, and a way to ask another one. */
export function Invitations({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("organisation")
  const params = { path: { organisation_id: organisationId } }
  const { data, error, refetch } = api.useQuery("get", LIST, { params })
  return (
    <Card withBorder padding="lg" component="section">
      <Title order={2} size="h4" mb="sm">
        {t("invitations.title")}
      </Title>
      <InvitationForm organisationId={organisationId} />
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      <Stack component="ul" gap="xs" p={0} mt="md" mb={0} aria-label={t("invitations.open")}>
        {data?.map(invitation => (
          <Waiting key={invitation.id} invitation={invitation} organisationId={organisationId} />
        ))}
      </Stack>
      {data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("invitations.none")}
        </Text>
      )}
    </Card>
  )
}

function InvitationForm({ organisationId }: { organisationId: string }) {
  const { t, i18n } = useTranslation("organisation")
  const rules = useRules()
  const refresh = useRefresh()
  const form = useForm({
    initialValues: { email: "", role: "member" as "member" | "owner" },
    validate: { email: rules.email },
  })
  const invite = api.useMutation("post", LIST, {
    onSuccess: async ({ email }) => {
      form.reset()
      told(t("invitations.sent", { email }))
      await refresh(LIST)
    },
    onError: error => showFaults(form, error),
  })
  const send = (values: typeof form.values) =>
    invite.mutate({
      params: { path: { organisation_id: organisationId } },
      body: { ...values, language: i18n.language as Language },
    })
  const roles = (["member", "owner"] as const).map(value => ({ value, label: t(`members.role.${value}`) }))
  return (
    <form noValidate onSubmit={form.onSubmit(send)}>
      <Group align="flex-start" gap="sm">
        <TextInput
          flex="1 1 240px"
          type="email"
          label={t("invitations.email")}
          autoComplete="off"
          {...form.getInputProps("email")}
        />
        <NativeSelect label={t("invitations.role")} data={roles} {...form.getInputProps("role")} />
        <Button type="submit" loading={invite.isPending} mt={25}>
          {t("invitations.send")}
        </Button>
      </Group>
      <ProblemAlert error={invite.error} />
    </form>
  )
}

interface WaitingProps {
  invitation: Schema<"InvitationPublic">
  organisationId: string
}

function Waiting({ invitation, organisationId }: WaitingProps) {
  const { t } = useTranslation("organisation")
  const { date } = useFormats()
  const sentence = useSentence()
  const refresh = useRefresh()
  const withdraw = api.useMutation("delete", `${LIST}/{invitation_id}`, {
    onSuccess: async () => {
      told(t("invitations.withdrawn"))
      await refresh(LIST)
    },
    onError: error => complained(sentence(error)),
  })
  const params = { path: { organisation_id: organisationId, invitation_id: invitation.id } }
  return (
    <Group component="li" justify="space-between">
      <Text size="sm">
        {invitation.email} · {t("invitations.until", { when: date(invitation.expires_at) })}
      </Text>
      <Button
        variant="subtle"
        size="compact-sm"
        loading={withdraw.isPending}
        onClick={() => withdraw.mutate({ params })}
      >
        {t("invitations.withdraw")}
      </Button>
    </Group>
  )
}
