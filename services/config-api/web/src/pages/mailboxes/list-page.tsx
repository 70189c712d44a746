import { Skeleton, Stack } from "@mantine/core"
import { IconMailbox, IconPlus } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useAssistants } from "@/app/current"
import { EmptyState } from "@/components/empty-state"
import { LinkButton } from "@/components/links"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { MailboxCard } from "./mailbox-card"

/** The organisation's mailboxes and how they are. */
export function MailboxesPage({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("mailboxes")
  const assistants = useAssistants(organisationId)
  const params = { path: { organisation_id: organisationId }, query: { limit: 200 } }
  const list = api.useQuery("get", "/api/v1/organisations/{organisation_id}/mailboxes", { params })
  const nameOf = (id: string) =>
    assistants.length > 1 ? assistants.find(assistant => assistant.id === id)?.name : undefined
  const add = (
    <LinkButton
      to="/organisations/$organisationId/mailboxes/new"
      params={{ organisationId }}
      leftSection={<IconPlus size={18} aria-hidden />}
    >
      {t("list.add")}
    </LinkButton>
  )
  const none = list.data?.items.length === 0
  return (
    <>
      <PageHeader title={t("list.title")} text={t("list.text")}>
        {!none && add}
      </PageHeader>
      <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Skeleton h={140} radius="md" />}
      {none && (
        <EmptyState icon={IconMailbox} title={t("list.empty")} text={t("list.emptyText")}>
          {add}
        </EmptyState>
      )}
      <Stack component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {list.data?.items.map(mailbox => (
          <MailboxCard key={mailbox.id} mailbox={mailbox} assistant={nameOf(mailbox.assistant_id)} />
        ))}
      </Stack>
    </>
  )
}
