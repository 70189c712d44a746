import { Group, Text, ThemeIcon } from "@mantine/core"
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"

interface HeadlineProps {
  draftedToday: number
  concerns: number
}

/** How it is, in one sentence. */
export function Headline({ draftedToday, concerns }: HeadlineProps) {
  const { t } = useTranslation("overview")
  const well = concerns === 0
  const today = t("headline.today", { count: draftedToday })
  const state = well ? t("headline.well") : t("headline.concerns", { count: concerns })
  return (
    <Group gap="sm" wrap="nowrap">
      <ThemeIcon variant="light" radius="xl" size="lg" color={well ? "green" : "orange"} aria-hidden>
        {well ? <IconCheck size={20} /> : <IconAlertTriangle size={20} />}
      </ThemeIcon>
      <Text size="xl" fw={600} lh={1.3}>
        {t("headline.sentence", { today, state })}
      </Text>
    </Group>
  )
}
