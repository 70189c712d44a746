import { Modal } from "@mantine/core"
import { useMediaQuery } from "@mantine/hooks"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import type { Entry } from "../data/fields"
import { ENTRY, type Place } from "../data/place"
import type { Edits } from "../data/use-edits"
import { EntryForm } from "./entry-form"

interface EntryDialogProps {
  place: Place
  entries: Entry[]
  edits: Edits
  tags: string[]
  /** The id of the entry, or undefined for a new one that begins with `question`. */
  id: string | undefined
  question: string | undefined
  onClose: () => void
}

/** An entry with room for long texts. It is open where there is an id or a question, however empty. */
export function EntryDialog({ place, entries, edits, tags, id, question, onClose }: EntryDialogProps) {
  const { t } = useTranslation(["knowledge", "common"])
  const small = useMediaQuery("(max-width: 48em)")
  const loaded = entries.find(entry => entry.id === id)
  const path = { ...place, entry_id: id ?? "" }
  const asked = api.useQuery("get", ENTRY, { params: { path } }, { enabled: id !== undefined && !loaded })
  const entry = loaded ?? asked.data
  const opened = id !== undefined || question !== undefined
  const shared = { place, edits, tags, onClose }
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={id ? t("form.edit") : t("form.new")}
      size="xl"
      fullScreen={small}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      {id === undefined && opened && <EntryForm {...shared} question={question} />}
      {entry && id !== undefined && <EntryForm key={entry.id} {...shared} entry={entry} />}
      {!entry && id !== undefined && asked.isPending && <Waiting />}
      {!entry && <ProblemAlert error={asked.error} onRetry={() => void asked.refetch()} />}
    </Modal>
  )
}
