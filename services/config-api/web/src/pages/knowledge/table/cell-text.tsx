import { type Field, splitTags } from "../data/fields"
import { Marked } from "./marked"
import classes from "./table.module.css"
import type { Look } from "./use-look"

interface CellTextProps {
  field: Field
  /** As `textOf` has it. */
  text: string
  look: Look
}

/** What stands in a cell while nobody edits it. */
export function CellText({ field, text, look }: CellTextProps) {
  if (!text) return null
  if (field === "tags") return <Tags text={text} words={look.words} />
  if (field === "language") return <span className={classes.text}>{look.language(text)}</span>
  if (field === "valid_from" || field === "valid_until") {
    const day = look.day(field, text)
    return (
      <span className={classes.text}>
        {day.text}
        {day.note && <span className={classes.empty}>{`\n${day.note}`}</span>}
      </span>
    )
  }
  return (
    <span className={field === "question" ? `${classes.text} ${classes.question}` : classes.text}>
      <Marked text={text} words={look.words} />
    </span>
  )
}

function Tags({ text, words }: { text: string; words: readonly string[] }) {
  return (
    <span className={classes.text}>
      {splitTags(text).map(tag => (
        <span key={tag} className={classes.tag}>
          <Marked text={tag} words={words} />
        </span>
      ))}
    </span>
  )
}
