import { Box, Card, SimpleGrid, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useFormats } from "@/app/format"
import type { TriedResult } from "./use-try"

const SHORTEST = 0.1

interface BillProps {
  result: TriedResult
  cost: number | undefined
}

/** What this try has cost. */
export function Bill({ result, cost }: BillProps) {
  const { t } = useTranslation("playground")
  const { duration, money, number } = useFormats()
  const facts = [
    { name: t("bill.duration"), value: duration(Math.max(SHORTEST, result.duration_ms / 1000)) },
    { name: t("bill.read"), value: number(result.tokens_in) },
    { name: t("bill.written"), value: number(result.tokens_out) },
    { name: t("bill.money"), value: result.model ? moneyOf(cost) : money(0) },
  ]
  function moneyOf(known: number | undefined) {
    return known === undefined ? t("bill.unknown") : money(known)
  }
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="bill-title">
      <Title order={2} size="h4" id="bill-title" mb="sm">
        {t("bill.title")}
      </Title>
      <SimpleGrid component="dl" cols={2} my={0}>
        {facts.map(({ name, value }) => (
          <Box key={name}>
            <Text component="dt" size="sm" c="dimmed">
              {name}
            </Text>
            <Text component="dd" fw={600} m={0}>
              {value}
            </Text>
          </Box>
        ))}
      </SimpleGrid>
      <Text size="sm" c="dimmed" mt="sm">
        {result.model ? t("bill.model", { model: result.model }) : t("bill.noModel")}
      </Text>
    </Card>
  )
}
