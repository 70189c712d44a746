import { Radio, Stack } from "@mantine/core"
import { useTranslation } from "react-i18next"

interface ModeChoiceProps {
  removeMissing: boolean
  onChange: (removeMissing: boolean) => void
}

/** What becomes of entries that are not in the file. */
export function ModeChoice({ removeMissing, onChange }: ModeChoiceProps) {
  const { t } = useTranslation("knowledge")
  return (
    <Radio.Group
      label={t("mode.label")}
      value={removeMissing ? "replace" : "keep"}
      onChange={value => onChange(value === "replace")}
    >
      <Stack gap="xs" mt="xs">
        <Radio value="keep" label={t("mode.keep.label")} description={t("mode.keep.text")} />
        <Radio value="replace" label={t("mode.replace.label")} description={t("mode.replace.text")} />
      </Stack>
    </Radio.Group>
  )
}
