import { Badge, Group, Table, Text } from "@mantine/core"
import { Fragment } from "react"
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

export function MessageTable(props: MessagesProps) {
  const { t } = useTranslation("activity")
  const dayName = useDayName()
  return (
    <Table verticalSpacing="sm" highlightOnHover aria-label={t("title")}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("column.time")}</Table.Th>
          <Table.Th>{t("column.mailbox")}</Table.Th>
          <Table.Th>{t("column.outcome")}</Table.Th>
          <Table.Th>{t("column.why")}</Table.Th>
          <Table.Th ta="right">{t("column.took")}</Table.Th>
          <Table.Th ta="right">{t("column.tokens")}</Table.Th>
          <Table.Th>{t("column.action")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {props.days.map(({ day, messages }) => (
          <Fragment key={day}>
            <Table.Tr bg="var(--mantine-color-default-hover)">
              <Table.Th colSpan={7} scope="rowgroup">
                {dayName(day)}
              </Table.Th>
            </Table.Tr>
            {messages.map(message => (
              <Row key={keyOf(message)} message={message} {...props} />
            ))}
          </Fragment>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Row({ message, mailboxes, arrived, retry, onLook }: MessagesProps & { message: Settled }) {
  const { t } = useTranslation("activity")
  const { time, duration, number } = useFormats()
  const mailbox = mailboxes.get(message.mailbox_id)
  const seconds = secondsToDraft(message)
  const tokens = message.tokens_in + message.tokens_out
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Text size="sm">{time(message.settled_at)}</Text>
          {arrived.includes(keyOf(message)) && <Badge size="sm">{t("new")}</Badge>}
        </Group>
      </Table.Td>
      <Table.Td>{mailbox?.address ?? t("mailboxGone")}</Table.Td>
      <Table.Td>
        <OutcomeBadge outcome={message.outcome} />
      </Table.Td>
      <Table.Td>
        <Said message={message} underWay={retry.underWay(message)} outdated={retry.outdated(message)} />
      </Table.Td>
      <Table.Td ta="right">{seconds === undefined ? "–" : duration(seconds)}</Table.Td>
      <Table.Td ta="right">{tokens > 0 ? number(tokens) : "–"}</Table.Td>
      <Table.Td>
        <MessageAction message={message} retry={retry} onLook={onLook} />
      </Table.Td>
    </Table.Tr>
  )
}
