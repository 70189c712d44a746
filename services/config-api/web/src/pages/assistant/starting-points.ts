import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"

export type Language = Schema<"AssistantPublic">["languages"][number]
export type StartingPoint = Schema<"StartingPointPublic">["key"]
export type StartingChoice = StartingPoint | "none"

export function useStartingPointsIn(language: Language) {
  return api.useQuery("get", "/api/v1/starting-points", { params: { query: { language } } })
}

/** In the reader's language. */
export function useStartingPoints() {
  const { i18n } = useTranslation()
  return useStartingPointsIn(i18n.language === "en" ? "en" : "de")
}
