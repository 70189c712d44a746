import { Card, Group, Stack, Text, Title } from "@mantine/core"
import { type ReactNode, useId } from "react"

interface SectionProps {
  title: string
  text?: string
  /** What says how things are, beside the title. */
  badge?: ReactNode
  children: ReactNode
}

/** One thing about the account that can be seen to. */
export function Section({ title, text, badge, children }: SectionProps) {
  const heading = useId()
  return (
    <Card component="section" withBorder radius="lg" p={{ base: "md", sm: "lg" }} aria-labelledby={heading}>
      <Stack gap={4} mb="md">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h4" id={heading}>
            {title}
          </Title>
          {badge}
        </Group>
        {text && (
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        )}
      </Stack>
      {children}
    </Card>
  )
}
