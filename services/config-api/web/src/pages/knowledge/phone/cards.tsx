import { Group, Paper, Stack, Text, UnstyledButton } from "@mantine/core"
import { useWindowVirtualizer } from "@tanstack/react-virtual"
import { useLayoutEffect, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { type Entry, joinTags } from "../data/fields"
import { CellText } from "../table/cell-text"
import { type EntryActions, EntryMenu } from "../table/entry-menu"
import { Marked } from "../table/marked"
import { type Look, useLook } from "../table/use-look"
import classes from "./cards.module.css"

interface CardsProps {
  entries: Entry[]
  words: readonly string[]
  actions: EntryActions
}

const GUESSED_HEIGHT = 150

/** On a phone: one entry below the other, each opens its form. Only those that are seen are there. */
export function Cards({ entries, words, actions }: CardsProps) {
  const { t } = useTranslation("knowledge")
  const look = useLook(words)
  const list = useRef<HTMLUListElement>(null)
  const [above, setAbove] = useState(0)
  useLayoutEffect(() => setAbove(list.current?.offsetTop ?? 0), [])
  const virtualizer = useWindowVirtualizer({
    count: entries.length,
    estimateSize: () => GUESSED_HEIGHT,
    getItemKey: index => entries[index]?.id ?? index,
    overscan: 5,
    gap: 10,
    scrollMargin: above,
    useFlushSync: false,
  })
  return (
    <ul
      ref={list}
      className={classes.list}
      aria-label={t("table.label")}
      style={{ height: virtualizer.getTotalSize() }}
    >
      {virtualizer.getVirtualItems().map(item => {
        const entry = entries[item.index]
        return (
          entry && (
            <li
              key={item.key}
              ref={virtualizer.measureElement}
              data-index={item.index}
              className={classes.item}
              style={{ transform: `translateY(${item.start - above}px)` }}
              aria-setsize={entries.length}
              aria-posinset={item.index + 1}
            >
              <EntryCard entry={entry} look={look} actions={actions} />
            </li>
          )
        )
      })}
    </ul>
  )
}

function EntryCard({ entry, look, actions }: { entry: Entry; look: Look; actions: EntryActions }) {
  const about = entry.question || entry.answer.slice(0, 80)
  const dated = entry.valid_from ?? entry.valid_until
  return (
    <Paper withBorder p="sm">
      <Group wrap="nowrap" align="flex-start" gap="xs">
        <UnstyledButton flex={1} miw={0} onClick={() => actions.edit(entry)}>
          <Stack gap={4}>
            <Text fw={600} size="sm" lineClamp={2}>
              <Marked text={entry.question} words={look.words} />
            </Text>
            <Text size="sm" c="dimmed" lineClamp={3}>
              <Marked text={entry.answer} words={look.words} />
            </Text>
            {entry.tags.length > 0 && (
              <Text component="div" size="sm">
                <CellText field="tags" text={joinTags(entry.tags)} look={look} />
              </Text>
            )}
            {dated && <Validity entry={entry} look={look} />}
          </Stack>
        </UnstyledButton>
        <EntryMenu entry={entry} actions={actions} about={about} />
      </Group>
    </Paper>
  )
}

function Validity({ entry, look }: { entry: Entry; look: Look }) {
  const { t } = useTranslation("knowledge")
  return (
    <Group gap="md">
      {(["valid_from", "valid_until"] as const)
        .filter(field => entry[field])
        .map(field => (
          <Text key={field} size="xs" c="dimmed" component="div">
            {t(`field.${field}`)} <CellText field={field} text={entry[field] ?? ""} look={look} />
          </Text>
        ))}
    </Group>
  )
}
