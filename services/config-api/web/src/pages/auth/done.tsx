import { Stack, Text, ThemeIcon } from "@mantine/core"
import type { Icon } from "@tabler/icons-react"
import type { ReactNode } from "react"

interface DoneProps {
  icon: Icon
  text: ReactNode
  children?: ReactNode
}

/** What a page on the way in says once its one thing is done, and where it goes from there. */
export function Done({ icon: Picture, text, children }: DoneProps) {
  return (
    <Stack align="flex-start">
      <ThemeIcon size={52} radius="xl" variant="light" aria-hidden>
        <Picture size={28} stroke={1.6} />
      </ThemeIcon>
      <Text role="status">{text}</Text>
      {children}
    </Stack>
  )
}
