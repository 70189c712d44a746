import { Group, Stack, Text, ThemeIcon, Title } from "@mantine/core"
import type { Icon } from "@tabler/icons-react"
import type { ReactNode } from "react"

interface EmptyStateProps {
  icon: Icon
  title: string
  /** Of the heading: 1 where this is all there is on the page. */
  order?: 1 | 2
  /** What to do next, in a sentence. */
  text: string
  /** The buttons that do it. */
  children?: ReactNode
}

/** Where a list has nothing in it, or a page nothing to show. */
export function EmptyState({ icon: Picture, title, order = 2, text, children }: EmptyStateProps) {
  return (
    <Stack align="center" gap="sm" py={48} px="md" ta="center">
      <ThemeIcon size={56} radius="xl" variant="light" aria-hidden>
        <Picture size={30} stroke={1.6} />
      </ThemeIcon>
      <Title order={order} size="h4">
        {title}
      </Title>
      <Text c="dimmed" maw={520}>
        {text}
      </Text>
      {children && (
        <Group justify="center" mt="xs">
          {children}
        </Group>
      )}
    </Stack>
  )
}
