import { List } from "@mantine/core"
import type { Schema } from "@/api/client"

interface ScopesProps {
  provider: Schema<"ConnectableProvider">
  /** A shared mailbox is to be connected, for which more is asked. */
  team: boolean
}

/** What the provider will ask for, and why. */
export function Scopes({ provider, team }: ScopesProps) {
  const asked = provider.scopes.filter(({ scope }) => team || !scope.endsWith(".Shared"))
  return (
    <List size="sm" spacing={6}>
      {asked.map(({ scope, sentence }) => (
        <List.Item key={scope}>{sentence}</List.Item>
      ))}
    </List>
  )
}
