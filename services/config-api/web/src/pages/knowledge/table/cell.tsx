// biome-ignore-all lint/a11y/useSemanticElements: the parts of a <table> lose their roles once they are laid out as a grid
// biome-ignore-all lint/a11y/useFocusableInteractive: the cells take the focus, or what is in them
import { Loader, VisuallyHidden } from "@mantine/core"
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Field } from "../data/fields"
import type { Mark } from "../data/use-edits"
import { CellEditor, type Onward } from "./cell-editor"
import { CellText } from "./cell-text"
import { columnOf } from "./columns"
import classes from "./table.module.css"
import type { Look } from "./use-look"

export interface CellEvents {
  onDone: (text: string | undefined, onward: Onward) => void
  onBlock: (block: string[][]) => void
}

interface CellProps extends CellEvents {
  row: number
  field: Field
  text: string
  look: Look
  mark: Mark | undefined
  active: boolean
  /** Undefined while it is not edited. */
  typed: string | undefined
  placeholder?: string
  /** What the row is about, for those who do not see it. */
  about: string
}

export function Cell({
  row,
  field,
  text,
  look,
  mark,
  active,
  typed,
  placeholder,
  about,
  ...events
}: CellProps) {
  const column = columnOf(field)
  const wide = field === "question" || field === "answer" || field === "examples"
  return (
    <div
      role="gridcell"
      aria-colindex={column + 1}
      aria-invalid={mark?.state === "failed" || undefined}
      data-row={row}
      data-column={column}
      data-state={mark?.state}
      tabIndex={active && typed === undefined ? 0 : -1}
      className={wide ? `${classes.cell} ${classes.wide}` : classes.cell}
    >
      {text ? (
        <CellText field={field} text={text} look={look} />
      ) : (
        placeholder && <span className={classes.empty}>{placeholder}</span>
      )}
      {mark && <State mark={mark} />}
      {typed !== undefined && (
        <CellEditor field={field} text={text} about={about} typed={typed || undefined} {...events} />
      )}
    </div>
  )
}

function State({ mark }: { mark: Mark }) {
  const { t } = useTranslation("knowledge")
  const said = mark.state === "failed" ? `${t("state.failed")} ${mark.reason}` : t(`state.${mark.state}`)
  return (
    <span className={classes.state} title={said}>
      {mark.state === "saving" && <Loader size={14} />}
      {mark.state === "saved" && <IconCheck size={16} color="var(--mantine-color-green-text)" aria-hidden />}
      {mark.state === "failed" && (
        <IconAlertTriangle size={16} color="var(--mantine-color-error)" aria-hidden />
      )}
      <VisuallyHidden>{said}</VisuallyHidden>
    </span>
  )
}
