import { useMemo } from "react"
import { useTranslation } from "react-i18next"
import { LANGUAGES } from "@/app/i18n"

/** Languages by their names in the reader's own. */
export function useLanguages() {
  const { i18n } = useTranslation()
  return useMemo(() => {
    const names = new Intl.DisplayNames(i18n.language, { type: "language", fallback: "code" })
    const name = (code: string) => {
      try {
        return names.of(code) ?? code
      } catch {
        return code // typed, and no language
      }
    }
    /** German, English, and whatever else there is already. */
    const choices = (others: Iterable<string> = []) =>
      [...new Set([...LANGUAGES, ...others])].map(value => ({ value, label: name(value) }))
    return { name, choices }
  }, [i18n.language])
}
