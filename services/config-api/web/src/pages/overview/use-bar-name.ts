import { useTranslation } from "react-i18next"
import { useFormats } from "@/app/format"
import type { Bar } from "./bars"

/** A function that names a bar: "Mo., 3. Nov.", or a week by its days. */
export function useBarName(): (bar: Bar) => string {
  const { t } = useTranslation("overview")
  const { day } = useFormats()
  const short = (value: string) => day(value, { day: "numeric", month: "short" })
  return ({ first, last }) =>
    first === last ? short(first) : t("chart.week", { first: short(first), last: short(last) })
}
