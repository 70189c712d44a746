import { Button, Group, Modal, MultiSelect, Stack, TagsInput } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { ProblemAlert } from "@/components/problem-alert"
import type { Entry } from "../data/fields"
import type { Place } from "../data/place"
import { applyAll } from "../data/several"
import { useStored } from "../data/use-entries"
import type { Undo } from "../data/use-undo"

interface TagsDialogProps {
  place: Place
  entries: Entry[]
  tags: string[]
  undo: Undo
  opened: boolean
  onClose: () => void
}

/** Gives tags to several entries at once, or takes them away. */
export function TagsDialog({ place, entries, tags, undo, opened, onClose }: TagsDialogProps) {
  const { t } = useTranslation(["knowledge", "common"])
  const stored = useStored(place)
  const [more, setMore] = useState<string[]>([])
  const [fewer, setFewer] = useState<string[]>([])
  const present = useMemo(() => [...new Set(entries.flatMap(entry => entry.tags))], [entries])
  const close = () => {
    setMore([])
    setFewer([])
    onClose()
  }
  const save = useMutation({
    mutationFn: async () => {
      const changed = entries.map(entry => ({ ...entry, tags: changedTags(entry.tags, more, fewer) }))
      const made = await applyAll(
        place,
        changed.map(({ id, tags }) => ({ id, tags })),
      )
      stored.put(changed)
      return made
    },
    onSuccess: made => {
      undo.done(t("said.tagged", { count: entries.length }), async () => made)
      close()
    },
  })
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t("tagging.title", { count: entries.length })}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <Stack>
        <TagsInput
          openOnFocus={false}
          label={t("tagging.more")}
          description={t("form.tags")}
          data={tags}
          splitChars={[",", ";"]}
          value={more}
          onChange={setMore}
          data-autofocus
        />
        {present.length > 0 && (
          <MultiSelect
            openOnFocus={false}
            label={t("tagging.fewer")}
            data={present}
            value={fewer}
            onChange={setFewer}
            searchable
          />
        )}
        <ProblemAlert error={save.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("common:cancel")}
          </Button>
          <Button
            disabled={more.length + fewer.length === 0}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {t("form.save")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function changedTags(tags: string[], more: string[], fewer: string[]): string[] {
  return [...new Set([...tags, ...more])].filter(tag => !fewer.includes(tag))
}
