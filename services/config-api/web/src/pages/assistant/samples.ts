import { api, type Schema } from "@/api/client"
import type { PastedMail } from "@/pages/playground/mail"
import { type Language, useStartingPointsIn } from "./starting-points"

/**
 * Mails as customers of this trade write them, in the language in which the assistant's knowledge is; where the trade
 * is not known, as customers of any.
 */
export function useSampleMails(industry: string, language: Language) {
  const german = useStartingPointsIn("de")
  const english = useStartingPointsIn("en")
  const known = german.data && english.data && [...german.data.items, ...english.data.items]
  const key = known && tradeOf(known, industry)
  const init = { params: { path: { key: key ?? ("support" as const) }, query: { language } } }
  const mails = api.useQuery("get", "/api/v1/starting-points/{key}/mails", init, {
    enabled: key !== undefined,
  })
  return {
    mails: mails.data?.items,
    error: german.error ?? english.error ?? mails.error,
    refetch: () => {
      for (const query of [german, english, mails]) if (query.error) void query.refetch()
    },
  }
}

/** An organisation's trade is a starting point's name, in the language in which it was chosen. */
function tradeOf(points: Schema<"StartingPointPublic">[], industry: string) {
  const trade = industry.trim().toLowerCase()
  const found = points.find(({ key, name }) => trade && (trade === key || name.toLowerCase().includes(trade)))
  return found?.key ?? "support"
}

export function asTried(mail: Schema<"SampleMail">): PastedMail {
  return { subject: mail.subject, sender: `${mail.from_name} <${mail.from_address}>`, text: mail.body }
}
