// biome-ignore-all lint/a11y/useSemanticElements: the parts of a <table> lose their roles once they are laid out as a grid
// biome-ignore-all lint/a11y/useFocusableInteractive: the cells take the focus, or what is in them
import { useCallbackRef } from "@mantine/hooks"
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual"
import { useCallback, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import type { Entry } from "../data/fields"
import type { Place } from "../data/place"
import type { Edits } from "../data/use-edits"
import { COLUMNS, NEW_ROW, ROW_HEIGHT, TOP_HEIGHT } from "./columns"
import { type EntryActions, type OpenMenu, TableMenu } from "./entry-menu"
import { Head } from "./head"
import { NewRow } from "./new-row"
import { Row } from "./row"
import classes from "./table.module.css"
import { useLook } from "./use-look"
import { useTable } from "./use-table"

export interface TableProps {
  place: Place
  entries: Entry[]
  words: readonly string[]
  edits: Edits
  actions: EntryActions
  chosen: ReadonlySet<string>
  onChoose: (id: string, range: boolean) => void
  onChooseAll: (all: boolean) => void
  /** More than one row was pasted at a row and a column. */
  onPasteRows: (block: string[][], row: number, column: number) => void
}

/** The knowledge as a spreadsheet has it, by the ARIA pattern for grids; only the rows that are seen are there. */
export function Table(props: TableProps) {
  const { entries, words, edits, actions, chosen } = props
  const { t } = useTranslation("knowledge")
  const box = useRef<HTMLDivElement>(null)
  const page = () => Math.max(1, Math.floor(((box.current?.clientHeight ?? 0) - TOP_HEIGHT) / ROW_HEIGHT) - 1)
  const table = useTable(props, page)
  const { active, typed } = table
  const activeItem = active.row - 1
  const virtualizer = useVirtualizer({
    count: entries.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: useCallback((index: number) => entries[index]?.id ?? index, [entries]),
    overscan: 6,
    scrollMargin: TOP_HEIGHT,
    useFlushSync: false,
    // The active cell keeps the focus while it is out of sight.
    rangeExtractor: range =>
      activeItem < 0 || activeItem >= entries.length
        ? defaultRangeExtractor(range)
        : [...new Set([...defaultRangeExtractor(range), activeItem])].sort((one, other) => one - other),
  })
  const look = useLook(words)
  const [menu, setMenu] = useState<OpenMenu>()
  const onMenu = useCallback((entry: Entry, button: HTMLElement) => setMenu({ entry, button }), [])
  const onDone = useCallbackRef(table.onDone)
  const onBlock = useCallbackRef(table.onBlock)
  const onChoose = useCallbackRef(props.onChoose)
  const inRow = (row: number) => (active.row === row ? active.column : undefined)
  const typedIn = (row: number) => (active.row === row ? typed : undefined)
  return (
    <div ref={box} className={classes.box}>
      <div
        role="grid"
        aria-label={t("table.label")}
        aria-describedby="knowledge-keys"
        aria-rowcount={entries.length + 2}
        aria-colcount={COLUMNS}
        aria-multiselectable
        className={classes.grid}
        onClick={table.onClick}
        onFocus={table.onFocus}
        onKeyDown={table.onKeyDown}
        onPaste={table.onPaste}
        onCopy={table.onCopy}
      >
        <div role="rowgroup" className={classes.top}>
          <Head
            all={entries.length > 0 && chosen.size >= entries.length}
            some={chosen.size > 0}
            onChooseAll={props.onChooseAll}
          />
          <NewRow
            draft={table.draft}
            look={look}
            active={inRow(NEW_ROW)}
            typed={typedIn(NEW_ROW)}
            onCreate={table.create}
            onDiscard={table.discard}
            onDone={onDone}
            onBlock={onBlock}
          />
        </div>
        <div role="rowgroup" className={classes.rows} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(item => {
            const entry = entries[item.index]
            if (!entry) return null
            const row = item.index + 1
            return (
              <Row
                key={item.key}
                entry={entry}
                row={row}
                top={item.start - TOP_HEIGHT}
                look={look}
                marks={edits.marks[entry.id]}
                active={inRow(row)}
                typed={typedIn(row)}
                chosen={chosen.has(entry.id)}
                onChoose={onChoose}
                onMenu={onMenu}
                menuOpen={menu?.entry.id === entry.id}
                onDone={onDone}
                onBlock={onBlock}
              />
            )
          })}
        </div>
      </div>
      <TableMenu open={menu} actions={actions} onClose={() => setMenu(undefined)} />
    </div>
  )
}
