import {
  Badge,
  Button,
  Group,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core"
import { useForm } from "@mantine/form"
import { IconTrash } from "@tabler/icons-react"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { showFaults, useKeptForm } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { type Content, contentOf, EMPTY, ENTRY_FIELDS, type Entry, lines, textOf } from "../data/fields"
import type { Place } from "../data/place"
import type { Edits } from "../data/use-edits"
import { useLanguages } from "../table/use-languages"

interface EntryFormProps {
  place: Place
  edits: Edits
  /** Those that are in use, to choose from. */
  tags: string[]
  entry?: Entry
  question?: string
  onClose: () => void
}

export function EntryForm({ place, edits, tags, entry, question = "", onClose }: EntryFormProps) {
  const { t, i18n } = useTranslation(["knowledge", "common"])
  const { needed } = useRules()
  const languages = useLanguages()
  const [told, setTold] = useState<unknown>()
  const before: Content = entry ? contentOf(entry) : { ...EMPTY, question, language: i18n.language }
  const form = useForm({
    initialValues: valuesOf(before),
    validate: {
      answer: needed,
      valid_until: (value, { valid_from }) => (value && value < valid_from ? t("form.endsBefore") : null),
    },
  })
  const saved = useKeptForm(form, `knowledge:${place.assistant_id}:${entry?.id ?? `new:${question}`}`)
  const save = useMutation({
    mutationFn: async (values: Values) => {
      const after = contentFrom(values)
      if (!entry) return edits.create(after)
      const changed = ENTRY_FIELDS.filter(field => textOf(after, field) !== textOf(before, field))
      const body = Object.fromEntries(changed.map(field => [field, after[field]])) as Partial<Content>
      return changed.length > 0 ? edits.update(entry, body) : entry
    },
    onSuccess: () => {
      saved()
      onClose()
    },
    onError: error => setTold(showFaults(form, error) ? undefined : error),
  })
  const discard = () => {
    saved()
    onClose()
  }
  const remove = () => {
    saved()
    onClose()
    if (entry) void edits.remove(entry)
  }
  return (
    <form onSubmit={form.onSubmit(values => save.mutate(values))} noValidate>
      <Stack>
        <Textarea
          label={t("field.question")}
          description={t("form.question")}
          autosize
          minRows={1}
          maxRows={6}
          data-autofocus={!form.values.question || undefined}
          {...form.getInputProps("question")}
        />
        <Textarea
          label={t("field.answer")}
          description={t("form.answer")}
          autosize
          minRows={6}
          maxRows={18}
          withAsterisk
          data-autofocus={Boolean(form.values.question) || undefined}
          {...form.getInputProps("answer")}
        />
        <Textarea
          label={t("field.examples")}
          description={t("form.examples")}
          autosize
          minRows={2}
          maxRows={10}
          {...form.getInputProps("examples")}
        />
        <TagsInput
          openOnFocus={false}
          label={t("field.tags")}
          description={t("form.tags")}
          data={tags}
          splitChars={[",", ";"]}
          {...form.getInputProps("tags")}
        />
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          <Select
            label={t("field.language")}
            data={languages.choices([form.values.language])}
            allowDeselect={false}
            {...form.getInputProps("language")}
          />
          <TextInput type="date" label={t("field.valid_from")} {...form.getInputProps("valid_from")} />
          <TextInput type="date" label={t("field.valid_until")} {...form.getInputProps("valid_until")} />
        </SimpleGrid>
        <ProblemAlert error={told} />
        <Group justify="space-between">
          {entry ? (
            <Button variant="subtle" color="red" leftSection={<IconTrash size={16} />} onClick={remove}>
              {t("menu.delete")}
            </Button>
          ) : (
            <span />
          )}
          <Group>
            {form.isDirty() && <Badge variant="light">{t("form.unsaved")}</Badge>}
            <Button variant="default" onClick={discard}>
              {t("common:cancel")}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t("form.save")}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}

function valuesOf({ examples, valid_from, valid_until, ...rest }: Content) {
  return {
    ...rest,
    examples: examples.join("\n"),
    valid_from: valid_from ?? "",
    valid_until: valid_until ?? "",
  }
}
type Values = ReturnType<typeof valuesOf>

function contentFrom({ examples, valid_from, valid_until, ...rest }: Values): Content {
  return {
    ...rest,
    examples: lines(examples),
    valid_from: valid_from || null,
    valid_until: valid_until || null,
  }
}
