import { Container, Select, Stack } from "@mantine/core"
import { IconRobot } from "@tabler/icons-react"
import { useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { EmptyState } from "@/components/empty-state"
import { LinkAnchor, LinkButton } from "@/components/links"
import { PageHeader } from "@/components/page-header"
import { PlanFull } from "@/components/plan-full"
import { told } from "@/components/tell"
import { keptAttempt } from "@/pages/connect/attempt"
import { ConnectForm } from "./connect-form"
import { useRefreshMailboxes } from "./use-mailbox"

const ASSISTANTS = "/api/v1/organisations/{organisation_id}/assistants"

/** Adds a mailbox. */
export function NewMailboxPage({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation(["mailboxes", "common"])
  const params = { path: { organisation_id: organisationId }, query: { limit: 200 } }
  const assistants = api.useSuspenseQuery("get", ASSISTANTS, { params }).data.items
  const [assistantId, setAssistantId] = useState(() => begunWith(organisationId, assistants)?.id)
  const navigate = useNavigate()
  const refresh = useRefreshMailboxes()
  const connected = async (mailbox: Schema<"MailboxPublic">) => {
    await refresh()
    await navigate({
      to: "/organisations/$organisationId/mailboxes/$mailboxId",
      params: { organisationId, mailboxId: mailbox.id },
    })
    told(t("connected", { address: mailbox.address }))
  }
  if (!assistantId) {
    return (
      <>
        <PageHeader title={t("new.title")} />
        <EmptyState icon={IconRobot} title={t("new.noAssistant")} text={t("new.noAssistantText")}>
          <LinkButton to="/organisations/$organisationId/assistants/new" params={{ organisationId }}>
            {t("new.makeAssistant")}
          </LinkButton>
        </EmptyState>
      </>
    )
  }
  return (
    <Container size={640} px={0} ml={0}>
      <PageHeader title={t("new.title")} text={t("new.text")} />
      <PlanFull organisationId={organisationId} what="mailboxes" />
      <Stack>
        {assistants.length > 1 && (
          <Select
            label={t("edit.assistant")}
            data={assistants.map(({ id, name }) => ({ value: id, label: name }))}
            value={assistantId}
            onChange={id => id && setAssistantId(id)}
            allowDeselect={false}
          />
        )}
        <ConnectForm
          organisationId={organisationId}
          assistantId={assistantId}
          address=""
          returnTo="mailboxes"
          onConnected={mailbox => void connected(mailbox)}
        >
          <LinkAnchor to="/organisations/$organisationId/mailboxes" params={{ organisationId }} size="sm">
            {t("common:cancel")}
          </LinkAnchor>
        </ConnectForm>
      </Stack>
    </Container>
  )
}

/** Whoever comes back from a provider's pages finds the assistant that they had chosen. */
function begunWith(organisationId: string, assistants: Schema<"AssistantPublic">[]) {
  const chosen = keptAttempt(organisationId)?.assistant
  return assistants.find(({ id }) => id === chosen) ?? assistants[0]
}
