import { Textarea, TextInput } from "@mantine/core"
import type { UseFormReturnType } from "@mantine/form"
import { useTranslation } from "react-i18next"
import type { Settings } from "./settings-form"

export function NameFields({ form }: { form: UseFormReturnType<Settings> }) {
  const { t } = useTranslation("assistant")
  return (
    <>
      <TextInput
        label={t("name.label")}
        description={t("name.text")}
        maxLength={200}
        required
        {...form.getInputProps("name")}
      />
      <Textarea
        label={t("description.label")}
        description={t("description.text")}
        autosize
        minRows={2}
        maxRows={8}
        {...form.getInputProps("description")}
      />
    </>
  )
}
