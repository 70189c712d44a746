import { SegmentedControl, Stack, Text } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Letter } from "@/components/letter"
import type { AssistantPath } from "./outcome"
import { type Piece, traced } from "./overlap"
import { TracedText } from "./traced-text"
import { useSources } from "./use-sources"
import type { Try } from "./use-try"

/** A mail asks in other words than an entry answers, so less has to be the same. */
const LEAST_OF_MAIL = 0.4

interface TextsProps {
  tried: Try
  path: AssistantPath
}

/** The draft and the mail, each with what of it has to do with which entry; what is being written, until it is done. */
export function Texts({ tried, path }: TextsProps) {
  if (tried.draft) return <Finished tried={tried} path={path} />
  return tried.text ? <Written tried={tried} /> : null
}

function Finished({ tried, path }: TextsProps) {
  const { t } = useTranslation("playground")
  const [shown, setShown] = useState("draft")
  const sources = useSources(tried, path)
  const { draft, mail } = tried
  const pieces =
    shown === "draft" ? traced(draft?.body ?? "", sources) : traced(mail?.text ?? "", sources, LEAST_OF_MAIL)
  return (
    <Stack gap="sm">
      <SegmentedControl
        value={shown}
        onChange={setShown}
        aria-label={t("texts.label")}
        data={[
          { value: "draft", label: t("texts.draft") },
          { value: "mail", label: t("texts.mail") },
        ]}
      />
      <TracedText label={t(`texts.${shown}`)} pieces={pieces} sources={sources} />
      <Legend shown={shown} pieces={pieces} />
    </Stack>
  )
}

/** Not announced while it grows: the status above it says what goes on. */
function Written({ tried }: { tried: Try }) {
  const { t } = useTranslation("playground")
  return (
    <Letter label={t("texts.draft")} busy={tried.phase === "running"}>
      {tried.text}
    </Letter>
  )
}

function Legend({ shown, pieces }: { shown: string; pieces: Piece[] }) {
  const { t } = useTranslation("playground")
  const marked = pieces.some(({ source }) => source)
  const text = marked ? t(`texts.legend.${shown}`) : t(`texts.unmarked.${shown}`)
  return (
    <Text size="sm" c="dimmed">
      {text}
    </Text>
  )
}
