import { useMutation } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { http } from "@/api/client"
import { useSentence } from "@/components/problem-alert"
import { complained, told } from "@/components/tell"
import { EXPORT, type Place } from "../data/place"
import { saveFile } from "./save-file"

export const EXPORTS = ["xlsx", "csv", "json"] as const
export type Format = (typeof EXPORTS)[number]

/** All knowledge as a file. */
export function useExport(place: Place) {
  const { t, i18n } = useTranslation("knowledge")
  const sentence = useSentence()
  return useMutation({
    mutationFn: async (format: Format) => {
      const query = { format, language: i18n.language === "en" ? ("en" as const) : ("de" as const) }
      const { data } = await http.GET(EXPORT, { params: { path: place, query }, parseAs: "blob" })
      saveFile(data as Blob, `${t("export.file")}.${format}`)
    },
    onSuccess: () => told(t("export.done")),
    onError: error => complained(sentence(error)),
  })
}
