import { ENTRY_FIELDS, type Field } from "../data/fields"

/** Before the fields stands the choice, behind them the menu. */
export const CHOICE = 0
export const MENU = ENTRY_FIELDS.length + 1
export const COLUMNS = ENTRY_FIELDS.length + 2

/** Row 0 is the one for a new entry. */
export const NEW_ROW = 0

// In px; as in table.module.css.
export const ROW_HEIGHT = 72
export const TOP_HEIGHT = 40 + ROW_HEIGHT

export function fieldIn(column: number): Field | undefined {
  return ENTRY_FIELDS[column - 1]
}

export function columnOf(field: Field): number {
  return ENTRY_FIELDS.indexOf(field) + 1
}

export function elementOf(row: number, column: number): HTMLElement | null {
  return document.querySelector(`[data-row="${row}"][data-column="${column}"]`)
}
