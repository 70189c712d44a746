import { Mark, Tooltip, VisuallyHidden } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { Letter } from "@/components/letter"
import type { Piece } from "./overlap"
import type { NumberedSource } from "./use-sources"

interface TracedTextProps {
  label: string
  pieces: Piece[]
  sources: NumberedSource[]
}

export function TracedText({ label, pieces, sources }: TracedTextProps) {
  return (
    <Letter label={label}>
      {pieces.map((piece, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place
        <Traced key={i} piece={piece} source={sources.find(({ id }) => id === piece.source)} />
      ))}
    </Letter>
  )
}

function Traced({ piece, source }: { piece: Piece; source: NumberedSource | undefined }) {
  const { t } = useTranslation("playground")
  if (piece.slot) {
    return (
      <Mark color="yellow" fw={600}>
        {piece.text}
      </Mark>
    )
  }
  if (!source) return piece.text
  const text = piece.text.trimEnd()
  return (
    <>
      <Tooltip label={t("texts.from", { question: source.question })} multiline maw={360} withArrow>
        <Mark color="petrol">
          {text}
          <sup>
            <VisuallyHidden>{t("texts.source")} </VisuallyHidden>
            {source.number}
          </sup>
        </Mark>
      </Tooltip>
      {piece.text.slice(text.length)}
    </>
  )
}
