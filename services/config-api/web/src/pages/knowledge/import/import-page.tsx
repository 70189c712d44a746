import { Alert, Button, Group, Progress, Stack, Text, Title } from "@mantine/core"
import { IconArrowLeft } from "@tabler/icons-react"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { Problem } from "@/api/problem"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { BackToKnowledge } from "../back"
import type { Place } from "../data/place"
import { apply, previewOf } from "../data/several"
import { useStored } from "../data/use-entries"
import { DropZone } from "./drop-zone"
import { ModeChoice } from "./mode-choice"
import { Preview } from "./preview"
import { Summary } from "./summary"
import { Template } from "./template"

/** A file becomes knowledge: choose, look at what would change, import, and take it back if need be. */
export function ImportPage({ place }: { place: Place }) {
  const { t } = useTranslation("knowledge")
  const stored = useStored(place)
  const [file, setFile] = useState<File>()
  const [removeMissing, setRemoveMissing] = useState(false)
  const [done, setDone] = useState<Schema<"ImportDone">>()
  const preview = useMutation({
    mutationFn: ({ file, removeMissing }: { file: File; removeMissing: boolean }) =>
      previewOf(place, file, removeMissing),
  })
  const save = useMutation({
    mutationFn: (digest: string) => apply(place, file as File, removeMissing, digest),
    onSuccess: made => {
      setDone(made)
      void stored.renew()
    },
    onError: error => {
      if (error instanceof Problem && error.reason === "import_outdated" && file) look(file, removeMissing)
    },
  })
  const look = (chosen: File, missing: boolean) => {
    setFile(chosen)
    setRemoveMissing(missing)
    preview.mutate({ file: chosen, removeMissing: missing })
  }
  const again = () => {
    setFile(undefined)
    setDone(undefined)
    setRemoveMissing(false)
    preview.reset()
    save.reset()
  }
  const changes = preview.data ? preview.data.added + preview.data.changed + preview.data.removed : 0
  return (
    <>
      <PageHeader title={t("import.title")} text={t("import.text")}>
        <BackToKnowledge place={place} />
      </PageHeader>
      {done && <Summary place={place} done={done} onAgain={again} />}
      {!done && !file && (
        <Stack>
          <DropZone onFile={chosen => look(chosen, false)} />
          <Template />
        </Stack>
      )}
      {!done && file && (
        <Stack gap="lg">
          <Group justify="space-between">
            <Title order={2} size="h4">
              {t("import.preview", { name: file.name })}
            </Title>
            <Button variant="subtle" leftSection={<IconArrowLeft size={16} />} onClick={again}>
              {t("import.other")}
            </Button>
          </Group>
          <ModeChoice removeMissing={removeMissing} onChange={missing => look(file, missing)} />
          {preview.isPending && <Working text={t("import.reading")} />}
          <ProblemAlert error={preview.error ?? save.error} onRetry={() => look(file, removeMissing)} />
          {preview.data && !preview.isPending && <Preview preview={preview.data} />}
          {save.isPending && <Working text={t("import.saving")} />}
          {preview.data && changes > 0 && preview.data.digest && (
            <Group>
              <Button
                loading={save.isPending}
                disabled={preview.isPending}
                onClick={() => save.mutate(preview.data.digest ?? "")}
              >
                {t("import.apply", { count: changes })}
              </Button>
            </Group>
          )}
          {preview.data && changes === 0 && preview.data.digest && (
            <Alert color="blue" variant="light">
              {t("import.nothing")}
            </Alert>
          )}
        </Stack>
      )}
    </>
  )
}

function Working({ text }: { text: string }) {
  return (
    <Stack gap={6} role="status">
      <Text size="sm">{text}</Text>
      <Progress value={100} animated aria-label={text} />
    </Stack>
  )
}
