import { useTranslation } from "react-i18next"

type Moment = string | Date

/** Numbers, money and time as people of the reader's language write them. Days are "2026-12-24", as the API has them. */
export function formatsOf(language: string) {
  const number = (value: number, options?: Intl.NumberFormatOptions) =>
    new Intl.NumberFormat(language, options).format(value)
  const moment = (value: Moment, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, options).format(new Date(value))
  const unit = (value: number, name: string, digits = 0) =>
    number(value, { style: "unit", unit: name, unitDisplay: "long", maximumFractionDigits: digits })
  return {
    number,
    percent: (share: number) => number(share, { style: "percent" }),
    /** EUR; small amounts keep the digits that say something. */
    money: (amount: string | number) => {
      const value = Number(amount)
      const digits = value !== 0 && Math.abs(value) < 0.1 ? 4 : 2
      return number(value, { style: "currency", currency: "EUR", maximumFractionDigits: digits })
    },
    day: (value: string, options: Intl.DateTimeFormatOptions = { dateStyle: "medium" }) =>
      moment(`${value}T00:00`, options),
    date: (value: Moment) => moment(value, { dateStyle: "medium" }),
    time: (value: Moment) => moment(value, { timeStyle: "short" }),
    dateTime: (value: Moment) => moment(value, { dateStyle: "medium", timeStyle: "short" }),
    /** "2,3 Sekunden", "4 Minuten", "3 Stunden", "2 Tage". */
    duration: (seconds: number) => {
      if (seconds < 60) return unit(seconds, "second", seconds < 10 ? 1 : 0)
      if (seconds < 3600) return unit(seconds / 60, "minute", seconds < 600 ? 1 : 0)
      if (seconds < 86_400) return unit(seconds / 3600, "hour", 1)
      return unit(seconds / 86_400, "day", 0)
    },
    /** "vor 3 Minuten". */
    ago: (value: Moment) => {
      const seconds = Math.round((new Date(value).getTime() - Date.now()) / 1000)
      const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" })
      if (Math.abs(seconds) < 60) return relative.format(Math.min(0, seconds), "second")
      if (Math.abs(seconds) < 3600) return relative.format(Math.round(seconds / 60), "minute")
      if (Math.abs(seconds) < 86_400) return relative.format(Math.round(seconds / 3600), "hour")
      return relative.format(Math.round(seconds / 86_400), "day")
    },
  }
}

export function useFormats(): ReturnType<typeof formatsOf> {
  const { i18n } = useTranslation()
  return formatsOf(i18n.language)
}
