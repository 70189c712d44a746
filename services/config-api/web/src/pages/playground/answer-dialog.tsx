import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useQueryClient } from "@tanstack/react-query"
import { useEffect } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { showFaults } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { told } from "@/components/tell"
import type { AssistantPath } from "./outcome"

const KNOWLEDGE = "/api/v1/organisations/{organisation_id}/assistants/{assistant_id}/knowledge"

interface AnswerDialogProps {
  /** The dialog is open while there is one. */
  question: string | undefined
  path: AssistantPath
  onClose: () => void
  onSaved: () => void
}

/** Makes an entry of the knowledge from a question that stayed open. */
export function AnswerDialog({ question, path, onClose, onSaved }: AnswerDialogProps) {
  const { t, i18n } = useTranslation(["playground", "common"])
  return (
    <Modal
      opened={question !== undefined}
      onClose={onClose}
      title={t("answer.title")}
      closeButtonProps={{ "aria-label": t("common:close") }}
      size="lg"
    >
      <AnswerForm
        key={question}
        {...{ question: question ?? "", path, onClose, onSaved, language: i18n.language }}
      />
    </Modal>
  )
}

function AnswerForm({
  question,
  path,
  onClose,
  onSaved,
  language,
}: AnswerDialogProps & { language: string }) {
  const { t } = useTranslation(["playground", "common"])
  const queries = useQueryClient()
  const form = useForm({
    initialValues: { question: question ?? "", answer: "" },
    validate: { answer: value => (value.trim() ? null : t("answer.missing")) },
  })
  const save = api.useMutation("post", KNOWLEDGE, {
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["get", KNOWLEDGE] })
      told(t("answer.saved"))
      onSaved()
      onClose()
    },
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the form is another object with every keystroke
  useEffect(() => {
    showFaults(form, save.error)
  }, [save.error])
  const submit = form.onSubmit(values => save.mutate({ params: { path }, body: entryOf(values, language) }))
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label={t("answer.question")} {...form.getInputProps("question")} />
        <Textarea
          label={t("answer.answer")}
          description={t("answer.hint")}
          autosize
          minRows={4}
          required
          data-autofocus
          {...form.getInputProps("answer")}
        />
        <ProblemAlert error={save.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t("answer.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function entryOf({ question, answer }: { question: string; answer: string }, language: string) {
  return { question, answer, language, examples: [], tags: [] }
}
