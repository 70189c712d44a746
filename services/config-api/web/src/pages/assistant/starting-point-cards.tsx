import { Group, Radio, SimpleGrid, Skeleton, Stack, Text, ThemeIcon } from "@mantine/core"
import {
  IconBed,
  IconBuildingEstate,
  IconFile,
  IconHeadset,
  IconShoppingCart,
  IconStethoscope,
  IconTool,
} from "@tabler/icons-react"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { ProblemAlert } from "@/components/problem-alert"
import { type StartingChoice, useStartingPoints } from "./starting-points"

const PICTURES = {
  hotel: IconBed,
  craft: IconTool,
  property: IconBuildingEstate,
  shop: IconShoppingCart,
  support: IconHeadset,
  practice: IconStethoscope,
  none: IconFile,
} as const

interface StartingPointCardsProps {
  value: StartingChoice | ""
  onChange: (choice: StartingChoice) => void
  error?: ReactNode
}

/** What an assistant may begin with, one card for each trade. */
export function StartingPointCards({ value, onChange, error }: StartingPointCardsProps) {
  const { t } = useTranslation("assistant")
  const points = useStartingPoints()
  if (points.error) return <ProblemAlert error={points.error} onRetry={() => void points.refetch()} />
  return (
    <Radio.Group
      label={t("startingPoint.label")}
      description={t("startingPoint.text")}
      value={value}
      onChange={choice => onChange(choice as StartingChoice)}
      error={error}
    >
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" mt="sm" mb="xs">
        {points.isPending && [1, 2, 3, 4].map(place => <Skeleton key={place} h={112} radius="md" />)}
        {points.data?.items.map(({ key, name, description, entries }) => (
          <PointCard key={key} choice={key} name={name} text={description}>
            <Text size="sm" fw={600} c="petrol">
              {t("startingPoint.entries", { count: entries })}
            </Text>
          </PointCard>
        ))}
        {points.data && (
          <PointCard choice="none" name={t("startingPoint.none")} text={t("startingPoint.noneText")} />
        )}
      </SimpleGrid>
    </Radio.Group>
  )
}

interface PointCardProps {
  choice: StartingChoice
  name: string
  text: string
  children?: ReactNode
}

function PointCard({ choice, name, text, children }: PointCardProps) {
  const Picture = PICTURES[choice]
  return (
    <Radio.Card value={choice} radius="md" p="md" className="choice-card">
      <Group wrap="nowrap" align="flex-start" w="100%">
        <ThemeIcon size={40} variant="light" radius="md" aria-hidden>
          <Picture size={22} stroke={1.6} />
        </ThemeIcon>
        <Stack gap={4} flex={1} miw={0}>
          <Text fw={600}>{name}</Text>
          <Text size="sm" c="dimmed">
            {text}
          </Text>
          {children}
        </Stack>
        <Radio.Indicator />
      </Group>
    </Radio.Card>
  )
}
