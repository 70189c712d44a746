import { useMediaQuery } from "@mantine/hooks"
import type { Schema } from "@/api/client"
import type { Settled } from "@/app/feed"
import { MessageCards } from "./message-cards"
import { MessageTable } from "./message-table"
import type { Retry } from "./use-retry"

export interface MessagesProps {
  days: Day[]
  mailboxes: Map<string, Schema<"MailboxPublic">>
  arrived: string[]
  retry: Retry
  onLook: (message: Settled) => void
}

export interface Day {
  day: string
  messages: Settled[]
}

/** A table where there is room for one, else a card for each. */
export function Messages(props: MessagesProps) {
  const wide = useMediaQuery("(min-width: 75em)", true, { getInitialValueInEffect: false })
  return wide ? <MessageTable {...props} /> : <MessageCards {...props} />
}

/** In the order they are in, by the day they settled on where the reader is. */
export function byDay(messages: Settled[]): Day[] {
  const days: Day[] = []
  for (const message of messages) {
    const day = new Intl.DateTimeFormat("sv").format(new Date(message.settled_at))
    const last = days.at(-1)
    if (last?.day === day) last.messages.push(message)
    else days.push({ day, messages: [message] })
  }
  return days
}
