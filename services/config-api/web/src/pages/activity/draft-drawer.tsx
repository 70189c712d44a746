import { Button, Drawer, Group, Spoiler, Stack, Text } from "@mantine/core"
import { IconMailOff, IconRefresh } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { Problem } from "@/api/problem"
import type { Settled } from "@/app/feed"
import { useFolderName } from "@/app/folder-name"
import { EmptyState } from "@/components/empty-state"
import { Letter } from "@/components/letter"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { WithSlots } from "@/components/with-slots"

type Provider = Schema<"MailboxPublic">["provider"]

interface DraftDrawerProps {
  organisationId: string
  /** The drawer is open while there is one. */
  message: Settled | undefined
  provider: Provider | undefined
  onClose: () => void
}

export function DraftDrawer({ organisationId, message, provider, onClose }: DraftDrawerProps) {
  const { t } = useTranslation(["activity", "common"])
  return (
    <Drawer
      opened={message !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={t("look.title")}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      {message && <Draft {...{ organisationId, provider }} messageId={message.message_id} />}
    </Drawer>
  )
}

interface DraftProps {
  organisationId: string
  messageId: string
  provider: Provider | undefined
}

/** Read from the mailbox each time it is opened, and forgotten when it is closed. */
function Draft({ organisationId, messageId, provider }: DraftProps) {
  const { t } = useTranslation("activity")
  const folderName = useFolderName()
  const path = { organisation_id: organisationId, message_id: messageId }
  const draft = api.useQuery(
    "get",
    "/api/v1/organisations/{organisation_id}/activity/{message_id}/draft",
    { params: { path } },
    { gcTime: 0, staleTime: 0, retry: false, refetchOnWindowFocus: false },
  )
  if (draft.isFetching) {
    return (
      <>
        <Waiting />
        <Text ta="center" c="dimmed">
          {t("look.reading")}
        </Text>
      </>
    )
  }
  if (draft.error instanceof Problem && draft.error.reason === "draft_gone") {
    return <EmptyState icon={IconMailOff} title={t("look.gone")} text={t("look.goneText")} />
  }
  if (!draft.data) return <ProblemAlert error={draft.error} onRetry={() => void draft.refetch()} />
  const { subject, to, folder, text, quoted } = draft.data
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t("look.live", { folder: folderName(folder, provider) })}
      </Text>
      <Fact name={t("look.to")} value={to.join(", ")} />
      <Fact name={t("look.subject")} value={subject} />
      <Letter label={t("look.title")}>
        <WithSlots text={text} />
      </Letter>
      {quoted && (
        <Spoiler maxHeight={90} showLabel={t("look.more")} hideLabel={t("look.less")}>
          <Letter label={t("look.quoted")}>{quoted}</Letter>
        </Spoiler>
      )}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={16} />}
          onClick={() => void draft.refetch()}
        >
          {t("look.again")}
        </Button>
      </Group>
    </Stack>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <Stack gap={0}>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text>{value}</Text>
    </Stack>
  )
}
