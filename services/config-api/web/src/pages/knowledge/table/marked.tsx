import { Mark } from "@mantine/core"
import { pieces } from "../data/search"

/** A text in which what one is looking for stands out. */
export function Marked({ text, words }: { text: string; words: readonly string[] }) {
  if (words.length === 0) return text
  let place = 0
  return pieces(text, words).map(piece => {
    const key = place
    place += piece.text.length
    return piece.hit ? <Mark key={key}>{piece.text}</Mark> : piece.text
  })
}
