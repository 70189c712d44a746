import { Badge, Group, Skeleton, Stack, Text } from "@mantine/core"
import { IconAlertTriangle, IconCheck, IconClock, IconPlayerPause, IconX } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { LinkAnchor } from "@/components/links"
import { ProblemAlert } from "@/components/problem-alert"
import { Reconnect } from "@/pages/connect/reconnect"
import { mayReconnect, useHealth } from "./use-mailbox"

const LOOKS = {
  working: { color: "green", Picture: IconCheck },
  waiting: { color: "blue", Picture: IconClock },
  retrying: { color: "yellow", Picture: IconAlertTriangle },
  stopped: { color: "red", Picture: IconX },
  off: { color: "gray", Picture: IconPlayerPause },
} as const

/** How a mailbox is, in plain words, and what to do where something is wrong. */
export function HealthNote({ mailbox }: { mailbox: Schema<"MailboxPublic"> }) {
  const health = useHealth(mailbox)
  if (health.error) return <ProblemAlert error={health.error} onRetry={() => void health.refetch()} />
  if (!health.data) return <Skeleton h={54} />
  return <Told mailbox={mailbox} health={health.data} />
}

function Told({ mailbox, health }: { mailbox: Schema<"MailboxPublic">; health: Schema<"Health"> }) {
  const { t } = useTranslation("mailboxes")
  const formats = useFormats()
  const { color, Picture } = LOOKS[health.state]
  const ill = health.state === "retrying" || health.state === "stopped"
  const lines = [
    ill && health.since && t("health.since", { time: formats.dateTime(health.since) }),
    health.last_proof_at && t("health.proof", { time: formats.ago(health.last_proof_at) }),
  ].filter(Boolean)
  return (
    <Stack gap={6}>
      <Group gap="xs">
        <Badge
          color={color}
          variant="light"
          size="lg"
          leftSection={<Picture size={14} aria-hidden />}
          tt="none"
        >
          {t(`health.state.${health.state}`)}
        </Badge>
        {lines.length > 0 && (
          <Text size="sm" c="dimmed">
            {lines.join(" · ")}
          </Text>
        )}
      </Group>
      {health.state !== "working" && (
        <Text size="sm">
          <Text span fw={600} inherit>
            {health.sentence}
          </Text>{" "}
          {health.advice}
        </Text>
      )}
      {mayReconnect(mailbox, health) && <Reconnect mailbox={mailbox} primary />}
      {health.reason === "assistant_off" && (
        <LinkAnchor
          to="/organisations/$organisationId/assistants/$assistantId"
          params={{ organisationId: mailbox.organisation_id, assistantId: mailbox.assistant_id }}
          size="sm"
        >
          {t("health.toAssistant")}
        </LinkAnchor>
      )}
      {health.reason === "organisation_off" && (
        <LinkAnchor
          to="/organisations/$organisationId/settings"
          params={{ organisationId: mailbox.organisation_id }}
          size="sm"
        >
          {t("health.toOrganisation")}
        </LinkAnchor>
      )}
    </Stack>
  )
}
