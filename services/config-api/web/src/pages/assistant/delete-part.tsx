import { Button, Card, Stack, Text, Title } from "@mantine/core"
import { IconTrash } from "@tabler/icons-react"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useRefresh } from "@/app/refresh"
import { useSentence } from "@/components/problem-alert"
import { askFirst, complained, told } from "@/components/tell"

const ONE = "/api/v1/organisations/{organisation_id}/assistants/{assistant_id}"

/** Its knowledge and its mailboxes go with it, so this asks first. */
export function DeletePart({ assistant }: { assistant: Schema<"AssistantPublic"> }) {
  const { t } = useTranslation("assistant")
  const sentence = useSentence()
  const navigate = useNavigate()
  const refresh = useRefresh()
  const { organisation_id, id, name } = assistant
  const remove = api.useMutation("delete", ONE, {
    onSuccess: async () => {
      await navigate({ to: "/organisations/$organisationId", params: { organisationId: organisation_id } })
      await refresh(
        "/api/v1/organisations/{organisation_id}/assistants",
        "/api/v1/organisations/{organisation_id}/mailboxes",
      )
      told(t("delete.done", { name }))
    },
    onError: error => complained(sentence(error)),
  })
  const ask = () =>
    askFirst({
      title: t("delete.question", { name }),
      text: t("delete.text"),
      confirm: t("delete.confirm"),
      onConfirm: () => remove.mutate({ params: { path: { organisation_id, assistant_id: id } } }),
    })
  return (
    <Card withBorder radius="md" p="lg" component="section">
      <Stack align="flex-start">
        <div>
          <Title order={2} size="h4">
            {t("delete.title")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("delete.text")}
          </Text>
        </div>
        <Button
          color="red"
          variant="outline"
          leftSection={<IconTrash size={18} aria-hidden />}
          onClick={ask}
          loading={remove.isPending}
        >
          {t("delete.button")}
        </Button>
      </Stack>
    </Card>
  )
}
