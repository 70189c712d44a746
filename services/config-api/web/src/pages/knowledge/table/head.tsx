// biome-ignore-all lint/a11y/useSemanticElements: the parts of a <table> lose their roles once they are laid out as a grid
// biome-ignore-all lint/a11y/useFocusableInteractive: the cells take the focus, or what is in them
import { useTranslation } from "react-i18next"
import { ENTRY_FIELDS } from "../data/fields"
import { COLUMNS, columnOf } from "./columns"
import classes from "./table.module.css"

interface HeadProps {
  all: boolean
  some: boolean
  onChooseAll: (all: boolean) => void
}

export function Head({ all, some, onChooseAll }: HeadProps) {
  const { t } = useTranslation("knowledge")
  const partly = (element: HTMLInputElement | null) => {
    if (element) element.indeterminate = some && !all
  }
  return (
    <div role="row" aria-rowindex={1} className={`${classes.row} ${classes.head}`}>
      <div role="columnheader" aria-colindex={1} className={classes.tool}>
        <label className={classes.toggle}>
          <input
            ref={partly}
            type="checkbox"
            className={classes.check}
            aria-label={t("chooseAll")}
            checked={all}
            onChange={event => onChooseAll(event.currentTarget.checked)}
          />
        </label>
      </div>
      {ENTRY_FIELDS.map(field => (
        <div key={field} role="columnheader" aria-colindex={columnOf(field) + 1}>
          {t(`field.${field}`)}
        </div>
      ))}
      <div role="columnheader" aria-colindex={COLUMNS} aria-label={t("menu.column")} />
    </div>
  )
}
