import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { dayOf } from "../data/search"
import { useLanguages } from "./use-languages"

/** What cells need in order to be shown, made once for all of them: thousands come by while one scrolls. */
export interface Look {
  words: readonly string[]
  language: (code: string) => string
  /** "24.12.2026", and what has to be said about it today. */
  day: (field: "valid_from" | "valid_until", text: string) => { text: string; note: string }
}

const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/

export function useLook(words: readonly string[]): Look {
  const { t, i18n } = useTranslation("knowledge")
  const { name } = useLanguages()
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(i18n.language, {
      day: "2-digit",
      month: "2-digit",
      year: "numeric",
    })
    const today = dayOf(new Date())
    const notes = { valid_from: t("validity.later"), valid_until: t("validity.ended") }
    return {
      words,
      language: name,
      day: (field, text) => {
        if (!ISO_DAY.test(text)) return { text, note: "" }
        const told = field === "valid_from" ? text > today : text < today
        return { text: format.format(new Date(`${text}T12:00`)), note: told ? notes[field] : "" }
      },
    }
  }, [words, name, t, i18n.language])
}
