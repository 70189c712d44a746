import { Box, Group, Paper, Stack, Text, Title } from "@mantine/core"
import type { ReactNode } from "react"

interface MailPaperProps {
  /** What this is: "Die Mail", "Ihr Entwurf". */
  title: string
  /** Beside the title: a badge. */
  mark?: ReactNode
  subject?: string
  /** Lines under the subject: who, when. */
  details?: string[]
  text: string
  /** Stands out as what this page is about. */
  primary?: boolean
  children?: ReactNode
}

/** A mail or a draft, as it would look on paper. */
export function MailPaper({ title, mark, subject, details = [], text, primary, children }: MailPaperProps) {
  return (
    <Paper withBorder radius="lg" p="lg" shadow={primary ? "md" : undefined} component="section">
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h5" c={primary ? "petrol" : "dimmed"}>
            {title}
          </Title>
          {mark}
        </Group>
        {(subject || details.length > 0) && (
          <Box>
            {subject && <Text fw={600}>{subject}</Text>}
            {details.map(line => (
              <Text key={line} size="sm" c="dimmed">
                {line}
              </Text>
            ))}
          </Box>
        )}
        <Text style={{ whiteSpace: "pre-wrap" }}>{text}</Text>
        {children}
      </Stack>
    </Paper>
  )
}
