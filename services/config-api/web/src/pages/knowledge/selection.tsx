import { Button, Group, Paper, Progress, Text } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconTag, IconTrash, IconX } from "@tabler/icons-react"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useSentence } from "@/components/problem-alert"
import { complained } from "@/components/tell"
import type { Entry } from "./data/fields"
import type { Place } from "./data/place"
import { removeAll } from "./data/several"
import { useStored } from "./data/use-entries"
import type { Undo } from "./data/use-undo"
import { TagsDialog } from "./dialogs/tags-dialog"

interface SelectionProps {
  place: Place
  everything: Entry[]
  complete: boolean
  chosen: ReadonlySet<string>
  tags: string[]
  undo: Undo
  onDone: () => void
}

/** What can be done with several entries at once. */
export function Selection({ place, everything, complete, chosen, tags, undo, onDone }: SelectionProps) {
  const { t } = useTranslation("knowledge")
  const sentence = useSentence()
  const stored = useStored(place)
  const [tagging, { open, close }] = useDisclosure()
  const [share, setShare] = useState(0)
  const remove = useMutation({
    mutationFn: () => removeAll(place, everything, chosen, setShare),
    onSuccess: made => {
      stored.remove(chosen)
      undo.done(t("said.severalDeleted", { count: chosen.size }), async () => made)
      onDone()
    },
    onError: error => {
      complained(sentence(error))
      void stored.renew()
    },
  })
  return (
    <Paper withBorder p="xs" mb="sm" role="region" aria-label={t("selection.label")}>
      <Group gap="xs">
        <Text size="sm" fw={550} px="xs">
          {t("selection.count", { count: chosen.size })}
        </Text>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconTag size={14} />}
          disabled={!complete}
          onClick={open}
        >
          {t("selection.tag")}
        </Button>
        <Button
          size="xs"
          variant="light"
          color="red"
          leftSection={<IconTrash size={14} />}
          disabled={!complete}
          loading={remove.isPending}
          onClick={() => remove.mutate()}
        >
          {t("menu.delete")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" leftSection={<IconX size={14} />} onClick={onDone}>
          {t("selection.clear")}
        </Button>
      </Group>
      {remove.isPending && (
        <Progress value={Math.max(5, share * 100)} animated mt="xs" aria-label={t("selection.deleting")} />
      )}
      <TagsDialog
        place={place}
        entries={everything.filter(({ id }) => chosen.has(id))}
        tags={tags}
        undo={undo}
        opened={tagging}
        onClose={close}
      />
    </Paper>
  )
}
