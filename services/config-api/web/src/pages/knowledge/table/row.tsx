// biome-ignore-all lint/a11y/useSemanticElements: the parts of a <table> lose their roles once they are laid out as a grid
// biome-ignore-all lint/a11y/useFocusableInteractive: the cells take the focus, or what is in them
import { IconDotsVertical } from "@tabler/icons-react"
import { memo } from "react"
import { useTranslation } from "react-i18next"
import { ENTRY_FIELDS, type Entry, textOf } from "../data/fields"
import type { Marks } from "../data/use-edits"
import { Cell, type CellEvents } from "./cell"
import { CHOICE, COLUMNS, columnOf, MENU } from "./columns"
import classes from "./table.module.css"
import type { Look } from "./use-look"

interface RowProps extends CellEvents {
  entry: Entry
  row: number
  top: number
  look: Look
  marks: Marks | undefined
  /** The active cell's column, if it is in this row. */
  active: number | undefined
  typed: string | undefined
  chosen: boolean
  onChoose: (id: string, range: boolean) => void
  onMenu: (entry: Entry, button: HTMLElement) => void
  menuOpen: boolean
}

export const Row = memo(function Row(props: RowProps) {
  const { entry, row, top, look, marks, active, typed, chosen, onDone, onBlock } = props
  const { t } = useTranslation("knowledge")
  const about = entry.question || entry.answer.slice(0, 80)
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      aria-selected={chosen}
      className={classes.row}
      data-editing={typed !== undefined || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="gridcell" aria-colindex={1} className={`${classes.cell} ${classes.tool}`}>
        <label className={classes.toggle}>
          <input
            data-row={row}
            data-column={CHOICE}
            type="checkbox"
            className={classes.check}
            tabIndex={active === CHOICE ? 0 : -1}
            aria-label={t("choose", { about })}
            checked={chosen}
            onChange={event => props.onChoose(entry.id, (event.nativeEvent as MouseEvent).shiftKey)}
          />
        </label>
      </div>
      {ENTRY_FIELDS.map(field => {
        const mark = marks?.[field]
        const here = active === columnOf(field)
        return (
          <Cell
            key={field}
            row={row}
            field={field}
            text={mark && mark.state !== "saved" ? mark.text : textOf(entry, field)}
            look={look}
            mark={mark}
            active={here}
            typed={here ? typed : undefined}
            about={about}
            onDone={onDone}
            onBlock={onBlock}
          />
        )
      })}
      <div role="gridcell" aria-colindex={COLUMNS} className={`${classes.cell} ${classes.tool}`}>
        <button
          type="button"
          data-row={row}
          data-column={MENU}
          className={classes.menu}
          tabIndex={active === MENU ? 0 : -1}
          aria-label={t("menu.label", { about })}
          aria-haspopup="menu"
          aria-expanded={props.menuOpen}
          onClick={event => props.onMenu(entry, event.currentTarget)}
        >
          <IconDotsVertical size={18} aria-hidden />
        </button>
      </div>
    </div>
  )
})
