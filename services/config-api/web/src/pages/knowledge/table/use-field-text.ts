import { useFormats } from "@/app/format"
import type { Field } from "../data/fields"
import { useLanguages } from "./use-languages"

/** What is said of a field where it is read only. */
export function useFieldText(): (field: Field, text: string) => string {
  const formats = useFormats()
  const languages = useLanguages()
  return (field, text) => {
    if (field === "language") return text && languages.name(text)
    if (field === "valid_from" || field === "valid_until") return asDay(text)
    return text
  }
  function asDay(text: string): string {
    return /^\d{4}-\d{2}-\d{2}$/.test(text) ? formats.day(text) : text
  }
}
