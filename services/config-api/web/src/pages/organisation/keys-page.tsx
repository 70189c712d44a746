import { Badge, Button, Card, Group, Stack, Text } from "@mantine/core"
import { IconKey } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { useRefresh } from "@/app/refresh"
import { EmptyState } from "@/components/empty-state"
import { LinkAnchor } from "@/components/links"
import { PageHeader } from "@/components/page-header"
import { useSentence } from "@/components/problem-alert"
import { askFirst, complained, told } from "@/components/tell"
import { KeyForm } from "@/pages/organisation/key-form"
import { useOrganisation } from "@/pages/organisation/use-organisation"

const LIST = "/api/v1/organisations/{organisation_id}/api-keys"

export function KeysPage({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("organisation")
  const { owner } = useOrganisation(organisationId)
  return (
    <>
      <PageHeader title={t("keys.title")} text={t("keys.text")} />
      <Text mb="md">
        <LinkAnchor to="/api-docs">{t("keys.docs")}</LinkAnchor>
      </Text>
      {owner ? <Keys organisationId={organisationId} /> : <Text>{t("details.ownersOnly")}</Text>}
    </>
  )
}

function Keys({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("organisation")
  const params = { path: { organisation_id: organisationId } }
  const { data } = api.useSuspenseQuery("get", LIST, { params })
  return (
    <Stack gap="lg" maw={860}>
      <KeyForm organisationId={organisationId} />
      {data.length === 0 ? (
        <EmptyState icon={IconKey} title={t("keys.none")} text={t("keys.noneText")} />
      ) : (
        <Stack component="ul" gap="xs" p={0} m={0} aria-label={t("keys.title")}>
          {data.map(key => (
            <KeyRow key={key.id} entry={key} organisationId={organisationId} />
          ))}
        </Stack>
      )}
    </Stack>
  )
}

interface KeyRowProps {
  entry: Schema<"ApiKeyPublic">
  organisationId: string
}

function KeyRow({ entry, organisationId }: KeyRowProps) {
  const { t } = useTranslation("organisation")
  const { date, ago } = useFormats()
  const refresh = useRefresh()
  const sentence = useSentence()
  const revoke = api.useMutation("delete", `${LIST}/{key_id}`, {
    onSuccess: async () => {
      told(t("keys.revoked"))
      await refresh(LIST)
    },
    onError: error => complained(sentence(error)),
  })
  const ask = () =>
    askFirst({
      title: t("keys.revokeTitle", { name: entry.name }),
      text: t("keys.revokeText"),
      confirm: t("keys.revoke"),
      onConfirm: () =>
        revoke.mutate({ params: { path: { organisation_id: organisationId, key_id: entry.id } } }),
    })
  const used = entry.last_used_at ? t("keys.used", { when: ago(entry.last_used_at) }) : t("keys.unused")
  const ends = entry.expires_at ? t("keys.until", { when: date(entry.expires_at) }) : t("keys.forever")
  return (
    <Card withBorder component="li" padding="sm">
      <Group justify="space-between">
        <Stack gap={2}>
          <Group gap="xs">
            <Text fw={550}>{entry.name}</Text>
            <Badge variant="light">{entry.scopes.includes("write") ? t("keys.write") : t("keys.read")}</Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {entry.start}… · {used} · {ends}
          </Text>
        </Stack>
        <Button variant="subtle" color="red" size="compact-sm" loading={revoke.isPending} onClick={ask}>
          {t("keys.revoke")}
        </Button>
      </Group>
    </Card>
  )
}
