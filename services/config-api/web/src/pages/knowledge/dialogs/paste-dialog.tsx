import { Button, Group, Modal, SegmentedControl, Stack } from "@mantine/core"
import { useMutation, useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import type { PastedEntry } from "../data/pasted"
import type { Place } from "../data/place"
import { apply, previewOf } from "../data/several"
import { useStored } from "../data/use-entries"
import type { Undo } from "../data/use-undo"
import { Preview } from "../import/preview"

/** Rows from the clipboard: laid over those that are there, if one pasted into such, or all as new entries. */
export interface Pasted {
  over: PastedEntry[] | undefined
  fresh: PastedEntry[]
}

interface PasteDialogProps {
  place: Place
  pasted: Pasted | undefined
  undo: Undo
  onClose: () => void
}

export function PasteDialog({ place, pasted, undo, onClose }: PasteDialogProps) {
  const { t } = useTranslation(["knowledge", "common"])
  return (
    <Modal
      opened={pasted !== undefined}
      onClose={onClose}
      title={t("paste.title", { count: pasted?.fresh.length ?? 0 })}
      size="xl"
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      {pasted && <PastePreview place={place} pasted={pasted} undo={undo} onClose={onClose} />}
    </Modal>
  )
}

function PastePreview({ place, pasted, undo, onClose }: PasteDialogProps & { pasted: Pasted }) {
  const { t } = useTranslation(["knowledge", "common"])
  const stored = useStored(place)
  const [way, setWay] = useState(pasted.over ? "over" : "fresh")
  const entries = (way === "over" && pasted.over) || pasted.fresh
  const preview = useQuery({
    queryKey: ["knowledge-paste", place.assistant_id, way, entries],
    queryFn: () => previewOf(place, entries),
    staleTime: 0,
    gcTime: 0,
  })
  const digest = preview.data?.digest
  const save = useMutation({
    mutationFn: async () => {
      const made = await apply(place, entries, false, digest ?? "")
      await stored.renew()
      return made
    },
    onSuccess: ({ change_set, added, changed }) => {
      if (change_set) undo.done(t("said.pasted", { count: added + changed }), async () => [change_set])
      onClose()
    },
    onError: () => void preview.refetch(),
  })
  const nothing = preview.data && preview.data.added + preview.data.changed === 0
  return (
    <Stack>
      {pasted.over && (
        <SegmentedControl
          aria-label={t("paste.way")}
          value={way}
          onChange={setWay}
          data={[
            { value: "over", label: t("paste.over") },
            { value: "fresh", label: t("paste.fresh") },
          ]}
        />
      )}
      {preview.isPending && <Waiting />}
      <ProblemAlert error={preview.error ?? save.error} onRetry={() => void preview.refetch()} />
      {preview.data && <Preview preview={preview.data} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t("common:cancel")}
        </Button>
        <Button disabled={!digest || nothing} loading={save.isPending} onClick={() => save.mutate()}>
          {t("paste.apply")}
        </Button>
      </Group>
    </Stack>
  )
}
