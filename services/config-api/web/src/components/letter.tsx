import { Paper } from "@mantine/core"
import type { ReactNode } from "react"

interface LetterProps {
  /** Names it to those who do not see it. */
  label: string
  /** While it is being written. */
  busy?: boolean
  children: ReactNode
}

/** A mail's or draft's text as it stands, with its line breaks. */
export function Letter({ label, busy, children }: LetterProps) {
  return (
    <Paper
      withBorder
      p="md"
      role="group"
      aria-label={label}
      aria-busy={busy}
      style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", lineHeight: 1.65 }}
    >
      {children}
    </Paper>
  )
}
