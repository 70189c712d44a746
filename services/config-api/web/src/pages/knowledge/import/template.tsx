import { Anchor, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { ENTRY_FIELDS, type Field } from "../data/fields"
import { saveFile } from "./save-file"

/** An example to fill in; with a byte order mark and semicolons, as Excel expects it. */
export function Template() {
  const { t, i18n } = useTranslation("knowledge")
  const download = () => {
    const example: Record<Field, string> = {
      question: t("template.question"),
      answer: t("template.answer"),
      examples: `${t("template.example1")}\n${t("template.example2")}`,
      tags: t("template.tags"),
      language: i18n.language,
      valid_from: "",
      valid_until: "",
    }
    const rows = [
      ENTRY_FIELDS.map(field => t(`template.heading.${field}`)),
      ENTRY_FIELDS.map(field => example[field]),
    ]
    const text = rows.map(row => row.map(cell => `"${cell.replaceAll('"', '""')}"`).join(";")).join("\r\n")
    saveFile(new Blob([`\ufeff${text}\r\n`], { type: "text/csv;charset=utf-8" }), t("template.file"))
  }
  return (
    <Text size="sm" c="dimmed">
      {t("template.text")}{" "}
      <Anchor component="button" type="button" size="sm" onClick={download}>
        {t("template.action")}
      </Anchor>
    </Text>
  )
}
