import { Card, Stack, Text, Title } from "@mantine/core"
import type { ReactNode } from "react"

interface PartProps {
  title: string
  text?: string
  id?: string
  children: ReactNode
}

/** One part of a page of settings, with a heading of its own. */
export function Part({ title, text, id, children }: PartProps) {
  return (
    <Card withBorder radius="md" p="lg" component="section" id={id}>
      <Stack>
        <Stack gap={2}>
          <Title order={2} size="h4">
            {title}
          </Title>
          {text && (
            <Text size="sm" c="dimmed">
              {text}
            </Text>
          )}
        </Stack>
        {children}
      </Stack>
    </Card>
  )
}
