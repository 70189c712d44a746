import { Input, SegmentedControl } from "@mantine/core"
import { useId } from "@mantine/hooks"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"

export type FormOfAddress = Schema<"AssistantPublic">["form_of_address"]

const FORMS: FormOfAddress[] = ["sie", "du", "thread"]

interface FormOfAddressFieldProps {
  value: FormOfAddress
  onChange: (form: FormOfAddress) => void
}

export function FormOfAddressField({ value, onChange }: FormOfAddressFieldProps) {
  const { t } = useTranslation("assistant")
  const id = useId()
  const data = FORMS.map(form => ({ value: form, label: t(`formOfAddress.${form}`) }))
  return (
    <Input.Wrapper
      label={t("formOfAddress.label")}
      labelElement="div"
      labelProps={{ id }}
      description={t(`formOfAddress.${value}Text`)}
      inputWrapperOrder={["label", "input", "description", "error"]}
    >
      <SegmentedControl
        aria-labelledby={id}
        data={data}
        value={value}
        onChange={form => onChange(form as FormOfAddress)}
        display="flex"
        mt={4}
        mb={6}
      />
    </Input.Wrapper>
  )
}
