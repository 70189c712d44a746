export interface Cell {
  row: number
  column: number
}

export interface Size {
  rows: number
  columns: number
  /** Rows that are seen at once. */
  page: number
}

interface Pressed {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  shiftKey: boolean
  altKey: boolean
}

/** Where a key moves the cell, by the ARIA pattern for grids; undefined where it is not a key that moves. */
export function moved(cell: Cell, pressed: Pressed, size: Size): Cell | undefined {
  if (pressed.altKey || (pressed.shiftKey && pressed.key !== "Tab")) return undefined
  const far = pressed.ctrlKey || pressed.metaKey
  const { row, column } = cell
  const last = { row: size.rows - 1, column: size.columns - 1 }
  switch (pressed.key) {
    case "ArrowUp":
      return within({ row: far ? 0 : row - 1, column }, size)
    case "ArrowDown":
      return within({ row: far ? last.row : row + 1, column }, size)
    case "ArrowLeft":
      return within({ row, column: far ? 0 : column - 1 }, size)
    case "ArrowRight":
      return within({ row, column: far ? last.column : column + 1 }, size)
    case "PageUp":
      return within({ row: row - size.page, column }, size)
    case "PageDown":
      return within({ row: row + size.page, column }, size)
    case "Home":
      return { row: far ? 0 : row, column: 0 }
    case "End":
      return { row: far ? last.row : row, column: last.column }
    default:
      return undefined
  }
}

/** The next cell, or the one before, on to the neighbouring row; undefined where the table ends and Tab leaves it. */
export function along(cell: Cell, back: boolean, size: Pick<Size, "rows" | "columns">): Cell | undefined {
  const place = cell.row * size.columns + cell.column + (back ? -1 : 1)
  if (place < 0 || place >= size.rows * size.columns) return undefined
  return { row: Math.floor(place / size.columns), column: place % size.columns }
}

export function within(cell: Cell, size: Pick<Size, "rows" | "columns">): Cell {
  const held = (value: number, count: number) => Math.max(0, Math.min(count - 1, value))
  return { row: held(cell.row, size.rows), column: held(cell.column, size.columns) }
}
