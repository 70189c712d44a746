import { useTranslation } from "react-i18next"
import { http, type Schema } from "@/api/client"
import { useRefresh } from "@/app/refresh"
import type { NewAssistant } from "./create-form"
import { useStartingPoints } from "./starting-points"

/** A function that makes an assistant, and tells the organisation its trade where that was not known. */
export function useCreateAssistant(organisation: Schema<"OrganisationPublic">) {
  const { i18n } = useTranslation()
  const points = useStartingPoints()
  const refresh = useRefresh()
  const language = i18n.language === "en" ? "en" : "de"
  return async (wanted: NewAssistant): Promise<Schema<"AssistantPublic">> => {
    const path = { organisation_id: organisation.id }
    const made = await http.POST("/api/v1/organisations/{organisation_id}/assistants", {
      params: { path },
      body: {
        name: wanted.name.trim(),
        form_of_address: wanted.form_of_address,
        signature: wanted.signature.trim(),
        languages: language === "en" ? ["en", "de"] : ["de", "en"],
        starting_point: wanted.point === "none" || !wanted.point ? null : wanted.point,
        starting_language: language,
        active: true,
        description: "",
        instructions: "",
        extractive_fallback: true,
        reply_all: false,
      },
    })
    const trade = points.data?.items.find(({ key }) => key === wanted.point)
    if (trade && !organisation.industry && organisation.role === "owner") {
      // It is of use, not of need: without it samples of every trade are offered.
      const body = { industry: trade.name }
      await http
        .PATCH("/api/v1/organisations/{organisation_id}", { params: { path }, body })
        .catch(() => undefined)
    }
    await refresh("/api/v1/organisations", "/api/v1/organisations/{organisation_id}/assistants")
    return made.data as Schema<"AssistantPublic">
  }
}
