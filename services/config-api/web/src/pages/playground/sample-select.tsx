import { Loader, Select } from "@mantine/core"
import { useQueries } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useOrganisations } from "@/app/account"
import type { PastedMail } from "./mail"

interface SampleSelectProps {
  organisationId: string
  onPick: (mail: PastedMail) => void
}

/** Mails as customers write them: of the organisation's trade where that can be told, else of every trade. */
export function SampleSelect({ organisationId, onPick }: SampleSelectProps) {
  const { t } = useTranslation("playground")
  const { points, mails, failed } = useSamples(organisationId)
  const data = points.map(({ name }, i) => ({
    group: name,
    items: (mails[i] ?? []).map(({ subject, from_name }, j) => ({
      value: `${i} ${j}`,
      label: t("sample.one", { subject, name: from_name }),
    })),
  }))
  const pick = (value: string | null) => {
    const [i, j] = (value ?? "").split(" ").map(Number)
    const mail = mails[i ?? -1]?.[j ?? -1]
    if (mail) {
      onPick({ subject: mail.subject, sender: `${mail.from_name} <${mail.from_address}>`, text: mail.body })
    }
  }
  const loading = !failed && points.length === 0
  return (
    <Select
      label={t("sample.label")}
      placeholder={t("sample.placeholder")}
      error={failed ? t("sample.failed") : undefined}
      data={data}
      value={null}
      onChange={pick}
      disabled={loading || failed}
      rightSection={loading ? <Loader size="xs" /> : undefined}
      comboboxProps={{ shadow: "md" }}
    />
  )
}

function useSamples(organisationId: string) {
  const { i18n } = useTranslation()
  const language = i18n.language as "de" | "en"
  const list = api.useQuery("get", "/api/v1/starting-points", { params: { query: { language } } })
  const points = useFitting(organisationId, list.data?.items ?? [])
  const found = useQueries({
    queries: points.map(({ key }) =>
      api.queryOptions("get", "/api/v1/starting-points/{key}/mails", {
        params: { path: { key }, query: { language } },
      }),
    ),
  })
  const mails = found.map(({ data }) => data?.items)
  return { points, mails, failed: list.isError || (found.length > 0 && found.every(one => one.isError)) }
}

function useFitting(organisationId: string, points: Schema<"StartingPointPublic">[]) {
  const organisation = useOrganisations().find(({ id }) => id === organisationId)
  const trade = organisation?.industry.trim().toLowerCase() ?? ""
  const fitting = points.filter(
    ({ key, name }) => trade && (key === trade || name.toLowerCase().includes(trade)),
  )
  return fitting.length > 0 ? fitting : points
}
