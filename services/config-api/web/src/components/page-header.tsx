import { Box, Group, Stack, Text, Title } from "@mantine/core"
import { type ReactNode, useEffect } from "react"

interface PageHeaderProps {
  title: string
  text?: string
  /** Buttons for what can be done on this page. */
  children?: ReactNode
}

/** The one <h1> of a page; the window is titled after it. */
export function PageHeader({ title, text, children }: PageHeaderProps) {
  usePageTitle(title)
  return (
    <Group justify="space-between" align="flex-start" mb="lg" gap="md">
      <Stack gap={4} maw={720}>
        <Title order={1} size="h2">
          {title}
        </Title>
        {text && <Text c="dimmed">{text}</Text>}
      </Stack>
      {children && <Box>{children}</Box>}
    </Group>
  )
}

/** Titles the window, for a page whose <h1> looks different. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Kinamik`
  }, [title])
}
