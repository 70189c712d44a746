import { NumberInput } from "@mantine/core"
import type { UseFormReturnType } from "@mantine/form"
import { useTranslation } from "react-i18next"
import type { Settings } from "./settings-form"

export function LimitFields({ form }: { form: UseFormReturnType<Settings> }) {
  const { t, i18n } = useTranslation("assistant")
  const shared = {
    min: 1,
    allowDecimal: false,
    allowNegative: false,
    thousandSeparator: i18n.language === "de" ? "." : ",",
    decimalSeparator: i18n.language === "de" ? "," : ".",
    placeholder: t("limits.none"),
    maw: 320,
  }
  return (
    <>
      <NumberInput
        label={t("limits.daily")}
        description={t("limits.dailyText")}
        max={1_000_000}
        {...shared}
        {...form.getInputProps("daily_limit")}
      />
      <NumberInput
        label={t("limits.budget")}
        description={t("limits.budgetText")}
        max={10 ** 15}
        step={100_000}
        {...shared}
        {...form.getInputProps("monthly_token_budget")}
      />
    </>
  )
}
