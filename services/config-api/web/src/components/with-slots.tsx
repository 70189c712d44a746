import { Mark } from "@mantine/core"

const SLOT = /(\[bitte ergänzen: [^\]]+\])/

/** A draft's text, with what a person has to fill in marked. */
export function WithSlots({ text }: { text: string }) {
  return text.split(SLOT).map((part, i) =>
    SLOT.test(part) ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name than their place
      <Mark key={i} color="yellow" fw={600}>
        {part}
      </Mark>
    ) : (
      part
    ),
  )
}
