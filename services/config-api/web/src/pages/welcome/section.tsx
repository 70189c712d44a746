import { Box, Container, Stack, Text, Title } from "@mantine/core"
import { type ReactNode, useId } from "react"
import classes from "@/pages/welcome/welcome.module.css"

interface SectionProps {
  id?: string
  title: string
  text?: string
  /** Every other section stands on a darker ground. */
  band?: boolean
  children: ReactNode
}

export function Section({ id, title, text, band, children }: SectionProps) {
  const heading = useId()
  return (
    <Box component="section" id={id} aria-labelledby={heading} className={band ? classes.band : undefined}>
      <Container size="lg" py={{ base: 48, sm: 80 }}>
        <Stack gap={8} mb={{ base: 28, sm: 40 }} maw={680}>
          <Title order={2} id={heading} fz={{ base: 26, sm: 32 }}>
            {title}
          </Title>
          {text && (
            <Text c="dimmed" size="lg">
              {text}
            </Text>
          )}
        </Stack>
        {children}
      </Container>
    </Box>
  )
}
