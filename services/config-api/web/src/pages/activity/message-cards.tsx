import { Badge, Card, Group, Stack, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Settled } from "@/app/feed"
import { useFormats } from "@/app/format"
import { MessageAction } from "./message-action"
import type { MessagesProps } from "./messages"
import { OutcomeBadge } from "./outcome-badge"
import { Said } from "./said"
import { secondsToDraft } from "./time"
import { keyOf } from "./use-activity"
import { useDayName } from "./use-day-name"

export function MessageCards(props: MessagesProps) {
  const dayName = useDayName()
  return (
    <Stack gap="lg">
      {props.days.map(({ day, messages }) => (
        <Stack key={day} gap="sm">
          <Title order={2} size="h5">
            {dayName(day)}
          </Title>
          {messages.map(message => (
            <MessageCard key={keyOf(message)} message={message} {...props} />
          ))}
        </Stack>
      ))}
    </Stack>
  )
}

function MessageCard({ message, mailboxes, arrived, retry, onLook }: MessagesProps & { message: Settled }) {
  const { t } = useTranslation("activity")
  const { time, duration, number } = useFormats()
  const mailbox = mailboxes.get(message.mailbox_id)
  const seconds = secondsToDraft(message)
  const tokens = message.tokens_in + message.tokens_out
  const facts = [
    mailbox?.address ?? t("mailboxGone"),
    seconds !== undefined && t("card.took", { duration: duration(seconds) }),
    tokens > 0 && t("card.tokens", { number: number(tokens) }),
  ].filter(Boolean)
  return (
    <Card withBorder padding="md">
      <Stack gap="xs">
        <Group justify="space-between">
          <OutcomeBadge outcome={message.outcome} />
          <Group gap="xs">
            {arrived.includes(keyOf(message)) && <Badge size="sm">{t("new")}</Badge>}
            <Text size="sm">{time(message.settled_at)}</Text>
          </Group>
        </Group>
        <Said message={message} underWay={retry.underWay(message)} outdated={retry.outdated(message)} />
        <Text size="sm" c="dimmed">
          {facts.join(" · ")}
        </Text>
        <Group>
          <MessageAction message={message} retry={retry} onLook={onLook} />
        </Group>
      </Stack>
    </Card>
  )
}
