import { Card, SimpleGrid, Text, ThemeIcon, Title } from "@mantine/core"
import {
  IconBed,
  IconBuildingCommunity,
  IconHeadset,
  IconShoppingBag,
  IconStethoscope,
  IconTool,
} from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { Section } from "@/pages/welcome/section"

const TRADES = [
  { trade: "hotel", icon: IconBed },
  { trade: "craft", icon: IconTool },
  { trade: "property", icon: IconBuildingCommunity },
  { trade: "shop", icon: IconShoppingBag },
  { trade: "support", icon: IconHeadset },
  { trade: "practice", icon: IconStethoscope },
] as const

/** For whom it is: the starting points that an assistant can be made from. */
export function Trades() {
  const { t } = useTranslation("welcome")
  return (
    <Section band title={t("trades.title")} text={t("trades.text")}>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="lg">
        {TRADES.map(({ trade, icon: Picture }) => (
          <Card key={trade} withBorder radius="lg" padding="lg">
            <ThemeIcon size={44} radius="md" variant="light" aria-hidden>
              <Picture size={24} stroke={1.6} />
            </ThemeIcon>
            <Title order={3} size="h4" mt="md">
              {t(`trades.${trade}.title`)}
            </Title>
            <Text mt={6} fs="italic">
              {t(`trades.${trade}.question`)}
            </Text>
            <Text mt={6} size="sm" c="dimmed">
              {t(`trades.${trade}.text`)}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
    </Section>
  )
}
