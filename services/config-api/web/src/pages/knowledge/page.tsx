import { Button } from "@mantine/core"
import { useHotkeys, useMediaQuery } from "@mantine/hooks"
import { IconSearch } from "@tabler/icons-react"
import { useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { EmptyState } from "@/components/empty-state"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { Beginnings } from "./beginnings"
import { ENTRY_FIELDS, type Entry } from "./data/fields"
import { laid } from "./data/pasted"
import type { Place } from "./data/place"
import type { KnowledgeSearch } from "./data/search-params"
import { useChosen } from "./data/use-chosen"
import { useEdits } from "./data/use-edits"
import { useEntries } from "./data/use-entries"
import { useFound } from "./data/use-found"
import { useUndo } from "./data/use-undo"
import { EntryDialog } from "./dialogs/entry-dialog"
import { PasteDialog, type Pasted } from "./dialogs/paste-dialog"
import { VersionsDialog } from "./dialogs/versions-dialog"
import { FailedCells } from "./failed-cells"
import { Filters } from "./filters"
import { KnowledgeHeader } from "./header"
import { Cards } from "./phone/cards"
import { Selection } from "./selection"
import { StatusLine } from "./status-line"
import type { EntryActions } from "./table/entry-menu"
import { Table } from "./table/table"

interface KnowledgePageProps {
  place: Place
  search: KnowledgeSearch
  /** What is undefined is taken out of the address; `replace` where it is no step to go back to. */
  onSearch: (search: Partial<KnowledgeSearch>, replace?: boolean) => void
}

// A field takes back what was typed in it by itself.
const TYPED_IN = "textarea, select, input:not([type=checkbox])"

export function KnowledgePage({ place, search, onSearch }: KnowledgePageProps) {
  const { t } = useTranslation("knowledge")
  const undo = useUndo(place)
  const edits = useEdits(place, undo)
  const all = useEntries(place)
  const loaded = useMemo(() => recentFirst(all.entries, edits.recent), [all.entries, edits.recent])
  const { entries, words, filtered, searching } = useFound(place, loaded, all.complete, search)
  const chosen = useChosen(entries)
  const [pasted, setPasted] = useState<Pasted>()
  const small = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false })
  const takeBack = (event: KeyboardEvent) => {
    if (!(event.target as Element).matches(TYPED_IN)) undo.last()
  }
  useHotkeys([["mod+Z", takeBack, { preventDefault: false }]], [])
  const actions = useMemo<EntryActions>(
    () => ({
      edit: ({ id }) => onSearch({ entry: id }),
      history: ({ id }) => onSearch({ history: id }),
      remove: entry => void edits.remove(entry),
    }),
    [onSearch, edits.remove],
  )
  const tags = useMemo(() => inUse(all.entries.flatMap(entry => entry.tags)), [all.entries])
  const languages = useMemo(() => inUse(all.entries.map(entry => entry.language)), [all.entries])
  const close = () => onSearch({ entry: undefined, new: undefined, history: undefined })
  const pasteRows = (block: string[][], row: number, column: number) => {
    const field = ENTRY_FIELDS[column - 1] ?? "question"
    const ids = row > 0 ? entries.slice(row - 1).map(({ id }) => id) : []
    setPasted({ over: row > 0 ? laid(block, field, ids) : undefined, fresh: laid(block, field) })
  }
  const reset = () => onSearch({ q: undefined, tag: undefined, language: undefined, validity: undefined })
  const nothing = filtered && !searching && entries.length === 0
  const empty = all.complete && all.entries.length === 0
  return (
    <>
      <KnowledgeHeader place={place} onNew={() => onSearch({ new: "" })} empty={empty} />
      {all.loading && <Waiting />}
      <ProblemAlert error={all.error} onRetry={all.retry} />
      {empty && <Beginnings place={place} onNew={() => onSearch({ new: "" })} />}
      {all.entries.length > 0 && (
        <>
          <Filters search={search} tags={tags} languages={languages} onSearch={onSearch} />
          {chosen.ids.size > 0 && (
            <Selection
              place={place}
              everything={all.entries}
              complete={all.complete}
              chosen={chosen.ids}
              tags={tags}
              undo={undo}
              onDone={chosen.clear}
            />
          )}
          <FailedCells edits={edits} entries={all.entries} />
          {nothing && (
            <EmptyState icon={IconSearch} title={t("nothing.title")} text={t("nothing.text")}>
              <Button variant="default" onClick={reset}>
                {t("status.reset")}
              </Button>
            </EmptyState>
          )}
          {nothing ? null : small ? (
            <Cards entries={entries} words={words} actions={actions} />
          ) : (
            <Table
              place={place}
              entries={entries}
              words={words}
              edits={edits}
              actions={actions}
              chosen={chosen.ids}
              onChoose={chosen.toggle}
              onChooseAll={chosen.toggleAll}
              onPasteRows={pasteRows}
            />
          )}
          <StatusLine
            shown={entries.length}
            total={all.entries.length}
            complete={all.complete}
            filtered={filtered}
            keys={!small}
            onReset={() =>
              onSearch({ q: undefined, tag: undefined, language: undefined, validity: undefined })
            }
          />
        </>
      )}
      <EntryDialog
        place={place}
        entries={all.entries}
        edits={edits}
        tags={tags}
        id={search.entry}
        question={search.new}
        onClose={close}
      />
      <VersionsDialog place={place} id={search.history} onClose={close} />
      <PasteDialog place={place} pasted={pasted} undo={undo} onClose={() => setPasted(undefined)} />
      <span hidden id="knowledge-keys">
        {t("table.keys")}
      </span>
    </>
  )
}

/** What was written just now stays where one wrote it; everything else stands oldest first. */
function recentFirst(entries: Entry[], recent: string[]): Entry[] {
  if (recent.length === 0) return entries
  const first = recent.flatMap(id => entries.find(entry => entry.id === id) ?? [])
  const ids = new Set(recent)
  return [...first, ...entries.filter(({ id }) => !ids.has(id))]
}

function inUse(values: string[]): string[] {
  return [...new Set(values)].sort((one, other) => one.localeCompare(other))
}
