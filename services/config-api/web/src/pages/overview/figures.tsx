import { Card, SimpleGrid, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useFormats } from "@/app/format"

/** The period in four figures. */
export function Figures({ overview }: { overview: Schema<"Overview"> }) {
  const { t } = useTranslation("overview")
  const { duration, number } = useFormats()
  const { total, with_open_points, seconds_to_draft: seconds } = overview
  const took = (value: number | null) => (value === null ? "–" : duration(value))
  const money = useMoney(total)
  const tokens = total.tokens_in + total.tokens_out
  return (
    <SimpleGrid component="dl" my={0} cols={{ base: 1, xs: 2, lg: 4 }}>
      <Figure
        name={t("figure.drafted")}
        value={number(total.drafted)}
        text={t("figure.draftedText", { count: with_open_points })}
      />
      <Figure
        name={t("figure.skipped")}
        value={number(total.skipped)}
        text={t("figure.skippedText", { count: total.failed })}
      />
      <Figure
        name={t("figure.took")}
        value={took(seconds.p50)}
        text={
          seconds.p95 === null ? t("figure.tookNever") : t("figure.tookText", { most: took(seconds.p95) })
        }
      />
      <Figure
        name={t("figure.cost")}
        value={money}
        text={t("figure.costText", { count: tokens, number: number(tokens, { notation: "compact" }) })}
      />
    </SimpleGrid>
  )
}

function useMoney({ cost, unpriced_tokens }: Schema<"Sums">): string {
  const { t } = useTranslation("overview")
  const { money } = useFormats()
  if (!unpriced_tokens) return money(cost)
  return Number(cost) > 0 ? t("figure.costAtLeast", { cost: money(cost) }) : t("figure.costUnknown")
}

function Figure({ name, value, text }: { name: string; value: string; text: string }) {
  return (
    <Card withBorder padding="lg">
      <Text component="dt" size="sm" c="dimmed">
        {name}
      </Text>
      <Text component="dd" m={0} size="xl" fw={650} lh={1.2}>
        {value}
      </Text>
      <Text component="dd" m={0} size="sm" c="dimmed">
        {text}
      </Text>
    </Card>
  )
}
