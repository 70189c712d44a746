import { Alert, Button, Group, List, Modal, Text } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconAlertTriangle } from "@tabler/icons-react"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { Problem } from "@/api/problem"
import { useForgetEverything } from "@/app/account"
import { forgetKept } from "@/app/kept"
import { LinkAnchor } from "@/components/links"
import { told } from "@/components/tell"
import { PasswordStep } from "@/pages/account/password-step"
import { Section } from "@/pages/account/section"

/** For good, and at once. */
export function Deletion() {
  const { t } = useTranslation("account")
  const [opened, { open, close }] = useDisclosure()
  const navigate = useNavigate()
  const forget = useForgetEverything()
  const remove = api.useMutation("delete", "/api/v1/account", {
    onSuccess: async () => {
      await navigate({ to: "/" })
      forget()
      forgetKept()
      told(t("deletion.done"))
    },
  })
  const owned =
    remove.error instanceof Problem && remove.error.reason === "last_owner" ? remove.error : undefined
  const end = () => {
    remove.reset()
    close()
  }
  return (
    <Section title={t("deletion.title")} text={t("deletion.text")}>
      <Group>
        <Button variant="outline" color="red" onClick={open}>
          {t("deletion.button")}
        </Button>
      </Group>
      <Modal
        opened={opened}
        onClose={end}
        title={t("deletion.title")}
        closeButtonProps={{ "aria-label": t("common:close") }}
      >
        {owned && <LastOwner problem={owned} />}
        <PasswordStep
          text={t("deletion.question")}
          button={t("deletion.confirm")}
          color="red"
          error={owned ? null : remove.error}
          busy={remove.isPending}
          onPassword={password => remove.mutate({ body: { password } })}
          onCancel={end}
        />
      </Modal>
    </Section>
  )
}

/** Organisations that would have no owner left, and the way to each. */
function LastOwner({ problem }: { problem: Problem }) {
  const { t } = useTranslation("account")
  const { data } = api.useQuery(
    "get",
    "/api/v1/organisations",
    { params: { query: { limit: 200 } } },
    { staleTime: 0 },
  )
  const ids = (problem.errors ?? []).map(({ field }) => field.replace(/^organisations\./, ""))
  return (
    <Alert variant="light" color="red" role="alert" icon={<IconAlertTriangle aria-hidden />} mb="md">
      <Text size="sm">{problem.message}</Text>
      <List size="sm" mt="xs">
        {ids.map(organisationId => (
          <List.Item key={organisationId}>
            <LinkAnchor to="/organisations/$organisationId/settings" params={{ organisationId }} size="sm">
              {data?.items.find(({ id }) => id === organisationId)?.name ?? t("deletion.organisation")}
            </LinkAnchor>
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}
