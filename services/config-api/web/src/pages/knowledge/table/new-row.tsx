// biome-ignore-all lint/a11y/useSemanticElements: the parts of a <table> lose their roles once they are laid out as a grid
// biome-ignore-all lint/a11y/useFocusableInteractive: the cells take the focus, or what is in them
import { ActionIcon } from "@mantine/core"
import { IconCheck, IconX } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { ENTRY_FIELDS, type Field } from "../data/fields"
import { Cell, type CellEvents } from "./cell"
import { CHOICE, columnOf, MENU, NEW_ROW } from "./columns"
import classes from "./table.module.css"
import type { Look } from "./use-look"

export type Draft = Partial<Record<Field, string>>

interface NewRowProps extends CellEvents {
  draft: Draft
  look: Look
  active: number | undefined
  typed: string | undefined
  onCreate: () => void
  onDiscard: () => void
}

/** The row at the top in which a new entry is written. */
export function NewRow({ draft, look, active, typed, onCreate, onDiscard, onDone, onBlock }: NewRowProps) {
  const { t } = useTranslation("knowledge")
  const begun = Object.values(draft).some(Boolean)
  const placeholder: Draft = { question: t("new.question"), answer: t("new.answer") }
  const tools = [
    {
      column: CHOICE,
      label: t("new.discard"),
      picture: <IconX size={18} />,
      color: "gray",
      onClick: onDiscard,
    },
    {
      column: MENU,
      label: t("new.create"),
      picture: <IconCheck size={18} />,
      color: "petrol",
      onClick: onCreate,
    },
  ]
  const [discard, create] = tools.map(({ column, label, picture, color, onClick }) => (
    <div
      key={column}
      role="gridcell"
      aria-colindex={column + 1}
      className={`${classes.cell} ${classes.tool}`}
    >
      <ActionIcon
        data-row={NEW_ROW}
        data-column={column}
        variant={begun && column === MENU ? "filled" : "subtle"}
        color={color}
        size={32}
        tabIndex={active === column ? 0 : -1}
        aria-label={label}
        title={label}
        onClick={onClick}
        aria-disabled={!begun}
        opacity={begun ? 1 : 0.35}
      >
        {picture}
      </ActionIcon>
    </div>
  ))
  return (
    <div
      role="row"
      aria-rowindex={NEW_ROW + 2}
      aria-label={t("new.row")}
      tabIndex={-1}
      className={`${classes.row} ${classes.fresh}`}
      data-editing={typed !== undefined || undefined}
    >
      {discard}
      {ENTRY_FIELDS.map(field => (
        <Cell
          key={field}
          row={NEW_ROW}
          field={field}
          text={draft[field] ?? ""}
          look={look}
          mark={undefined}
          active={active === columnOf(field)}
          typed={active === columnOf(field) ? typed : undefined}
          placeholder={placeholder[field]}
          about={t("new.row")}
          onDone={onDone}
          onBlock={onBlock}
        />
      ))}
      {create}
    </div>
  )
}
