import { Button, FileButton, Paper, Stack, Text, ThemeIcon } from "@mantine/core"
import { IconFileSpreadsheet } from "@tabler/icons-react"
import { type DragEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import classes from "./drop-zone.module.css"

const KINDS = ".csv,.tsv,.txt,.xlsx,.xls,.json"

/** A file, dropped or chosen. */
export function DropZone({ onFile }: { onFile: (file: File) => void }) {
  const { t } = useTranslation("knowledge")
  const [over, setOver] = useState(false)
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const file = event.dataTransfer.files[0]
    if (file) onFile(file)
  }
  const onDragOver = (event: DragEvent) => {
    event.preventDefault()
    setOver(true)
  }
  return (
    <Paper
      className={classes.zone}
      data-over={over || undefined}
      onDrop={onDrop}
      onDragOver={onDragOver}
      onDragLeave={() => setOver(false)}
    >
      <Stack align="center" gap="sm" ta="center">
        <ThemeIcon size={56} radius="xl" variant="light" aria-hidden>
          <IconFileSpreadsheet size={30} stroke={1.6} />
        </ThemeIcon>
        <Text fw={550}>{t("drop.title")}</Text>
        <FileButton onChange={file => file && onFile(file)} accept={KINDS}>
          {props => <Button {...props}>{t("drop.choose")}</Button>}
        </FileButton>
        <Text size="sm" c="dimmed">
          {t("drop.kinds")}
        </Text>
      </Stack>
    </Paper>
  )
}
