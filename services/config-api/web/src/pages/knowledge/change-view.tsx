import { Box, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import classes from "./change-view.module.css"
import { differing, type Part, wordDiff } from "./data/diff"
import { type Content, type Field, textOf } from "./data/fields"
import { useFieldText } from "./table/use-field-text"

interface ChangeViewProps {
  before: Content | null
  after: Content | null
}

/** What became of an entry, field by field; words that went are struck out, words that came underlined. */
export function ChangeView({ before, after }: ChangeViewProps) {
  const { t } = useTranslation("knowledge")
  const say = useFieldText()
  const text = (content: Content | null, field: Field) => (content ? say(field, textOf(content, field)) : "")
  return (
    <Stack gap={6}>
      {differing(before, after).map(field => (
        <Box key={field}>
          <Text size="xs" c="dimmed" fw={600}>
            {t(`field.${field}`)}
          </Text>
          <Text size="sm" className={classes.text}>
            <Parts parts={partsOf(text(before, field), text(after, field), before, after)} />
          </Text>
        </Box>
      ))}
    </Stack>
  )
}

function partsOf(old: string, now: string, before: Content | null, after: Content | null): Part[] {
  return before && after ? wordDiff(old, now) : [{ text: old || now, kind: "same" }]
}

function Parts({ parts }: { parts: Part[] }) {
  let place = 0
  return parts.map(({ text, kind }) => {
    const key = place++
    if (kind === "removed") return <del key={key}>{text}</del>
    return kind === "added" ? <ins key={key}>{text}</ins> : <span key={key}>{text}</span>
  })
}
