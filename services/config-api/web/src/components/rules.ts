import { useTranslation } from "react-i18next"

/** Rules for `useForm({ validate })`, with sentences in the reader's language. */
export function useRules() {
  const { t } = useTranslation()
  return {
    needed: (value: string) => (value.trim() ? null : t("rules.needed")),
    email: (value: string) => (/^\S+@\S+\.\S+$/.test(value.trim()) ? null : t("rules.email")),
  }
}
