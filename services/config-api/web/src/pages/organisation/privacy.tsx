import { Alert, Button, Card, Divider, Stack, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { useRefresh } from "@/app/refresh"
import { useSentence } from "@/components/problem-alert"
import { askFirst, complained, told } from "@/components/tell"
import { StartExport } from "@/pages/organisation/export"

const SHOWN = ["/api/v1/organisations", "/api/v1/organisations/{organisation_id}"] as const

/** Export, restriction and deletion: the rights of the GDPR. */
export function Privacy({ organisation }: { organisation: Schema<"OrganisationPublic"> }) {
  const { t } = useTranslation("organisation")
  return (
    <Card withBorder padding="lg" component="section">
      <Stack align="flex-start">
        <Title order={2} size="h4">
          {t("privacy.title")}
        </Title>
        <StartExport organisationId={organisation.id} />
        <Divider w="100%" />
        <Restriction organisation={organisation} />
        <Divider w="100%" />
        <Deletion organisation={organisation} />
      </Stack>
    </Card>
  )
}

function useChange(done: string) {
  const refresh = useRefresh()
  const sentence = useSentence()
  return {
    onSuccess: async () => {
      told(done)
      await refresh(...SHOWN)
    },
    onError: (error: unknown) => complained(sentence(error)),
  }
}

function Restriction({ organisation }: { organisation: Schema<"OrganisationPublic"> }) {
  const { t } = useTranslation("organisation")
  const path = "/api/v1/organisations/{organisation_id}/restriction"
  const restrict = api.useMutation("put", path, useChange(t("privacy.restricted")))
  const lift = api.useMutation("delete", path, useChange(t("privacy.lifted")))
  const params = { path: { organisation_id: organisation.id } }
  const restricted = organisation.restricted_at !== null
  return (
    <>
      <Text size="sm">{restricted ? t("privacy.isRestricted") : t("privacy.restrictText")}</Text>
      <Button
        variant="default"
        loading={restrict.isPending || lift.isPending}
        onClick={() => (restricted ? lift : restrict).mutate({ params })}
      >
        {restricted ? t("privacy.lift") : t("privacy.restrict")}
      </Button>
    </>
  )
}

function Deletion({ organisation }: { organisation: Schema<"OrganisationPublic"> }) {
  const { t } = useTranslation("organisation")
  const { dateTime } = useFormats()
  const remove = api.useMutation(
    "delete",
    "/api/v1/organisations/{organisation_id}",
    useChange(t("privacy.deleted")),
  )
  const undo = api.useMutation(
    "delete",
    "/api/v1/organisations/{organisation_id}/erasure",
    useChange(t("privacy.kept")),
  )
  const params = { path: { organisation_id: organisation.id } }
  if (organisation.erase_at) {
    return (
      <Alert color="orange" title={t("privacy.willBeErased", { when: dateTime(organisation.erase_at) })}>
        <Button variant="default" loading={undo.isPending} onClick={() => undo.mutate({ params })}>
          {t("privacy.keep")}
        </Button>
      </Alert>
    )
  }
  const ask = () =>
    askFirst({
      title: t("privacy.deleteTitle", { name: organisation.name }),
      text: t("privacy.deleteText"),
      confirm: t("privacy.delete"),
      onConfirm: () => remove.mutate({ params }),
    })
  return (
    <>
      <Text size="sm">{t("privacy.deleteText")}</Text>
      <Button color="red" variant="outline" loading={remove.isPending} onClick={ask}>
        {t("privacy.delete")}
      </Button>
    </>
  )
}
