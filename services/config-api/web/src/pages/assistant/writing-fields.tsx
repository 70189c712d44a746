import { Select, Switch, Textarea } from "@mantine/core"
import type { UseFormReturnType } from "@mantine/form"
import { useTranslation } from "react-i18next"
import { FormOfAddressField } from "./form-of-address"
import { InstructionExamples } from "./instruction-examples"
import type { Settings } from "./settings-form"

const CHOICES = ["de,en", "en,de", "de", "en"] as const

export function WritingFields({ form }: { form: UseFormReturnType<Settings> }) {
  const { t } = useTranslation("assistant")
  const add = (sentence: string) => {
    const before = form.getValues().instructions.trimEnd()
    form.setFieldValue("instructions", before ? `${before}\n${sentence}` : sentence)
  }
  return (
    <>
      <div>
        <Textarea
          label={t("instructions.label")}
          description={t("instructions.text")}
          autosize
          minRows={5}
          maxRows={18}
          {...form.getInputProps("instructions")}
        />
        <InstructionExamples present={form.values.instructions} onAdd={add} />
      </div>
      <FormOfAddressField
        value={form.values.form_of_address}
        onChange={value => form.setFieldValue("form_of_address", value)}
      />
      <Select
        label={t("languages.label")}
        data={CHOICES.map(value => ({ value, label: t(`languages.${value}`) }))}
        allowDeselect={false}
        {...form.getInputProps("languages")}
      />
      <Textarea
        label={t("signature.label")}
        description={t("signature.text")}
        autosize
        minRows={3}
        maxRows={10}
        {...form.getInputProps("signature")}
      />
      <Switch
        label={t("replyAll.label")}
        description={t("replyAll.text")}
        {...form.getInputProps("reply_all", { type: "checkbox" })}
      />
      <Switch
        label={t("fallback.label")}
        description={t("fallback.text")}
        {...form.getInputProps("extractive_fallback", { type: "checkbox" })}
      />
    </>
  )
}
