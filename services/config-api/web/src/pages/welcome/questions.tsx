import { Accordion, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useFormats } from "@/app/format"
import { useSiteQuery } from "@/app/site"
import { Section } from "@/pages/welcome/section"

const QUESTIONS = ["send", "keep", "mailboxes", "cost", "unknown", "house", "stop"] as const

export function Questions() {
  const { t } = useTranslation("welcome")
  const site = useSiteQuery().data
  const { money, number } = useFormats()
  const values = {
    days: site?.trial_days ?? 30,
    price: site ? money(site.price_per_assistant) : "…",
    percent: site ? number(Number(site.vat_percent)) : "…",
  }
  return (
    <Section id="questions" title={t("questions.title")}>
      <Accordion variant="separated" radius="md" order={3} maw={860}>
        {QUESTIONS.map(question => (
          <Accordion.Item key={question} value={question}>
            <Accordion.Control>
              <Text fw={600}>{t(`questions.${question}.question`)}</Text>
            </Accordion.Control>
            <Accordion.Panel>
              <Text c="dimmed">{t(`questions.${question}.answer`, values)}</Text>
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Section>
  )
}
