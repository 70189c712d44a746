import { useTranslation } from "react-i18next"
import { useFormats } from "@/app/format"

const DAY = 24 * 60 * 60 * 1000

/** A function that names a day: today, yesterday, or by its date. */
export function useDayName(): (day: string) => string {
  const { t } = useTranslation("activity")
  const { day: format } = useFormats()
  const named = (moment: number) => new Intl.DateTimeFormat("sv").format(moment)
  return day => {
    if (day === named(Date.now())) return t("today")
    if (day === named(Date.now() - DAY)) return t("yesterday")
    return format(day, { weekday: "long", day: "numeric", month: "long", year: "numeric" })
  }
}
