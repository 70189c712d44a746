import { Anchor, Box, Group, SimpleGrid, Text, ThemeIcon, Title } from "@mantine/core"
import { IconBan, IconDownload, IconEyeQuestion, IconFlame } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { LinkAnchor } from "@/components/links"
import { Section } from "@/pages/welcome/section"

const PROMISES = [
  { promise: "send", icon: IconBan },
  { promise: "keep", icon: IconFlame },
  { promise: "invent", icon: IconEyeQuestion },
  { promise: "own", icon: IconDownload },
] as const

/** Privacy in plain words. */
export function Promises() {
  const { t } = useTranslation("welcome")
  return (
    <Section title={t("promises.title")} text={t("promises.text")}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={{ base: "xl", sm: 40 }}>
        {PROMISES.map(({ promise, icon: Picture }) => (
          <Group key={promise} wrap="nowrap" align="flex-start" gap="md">
            <ThemeIcon size={44} radius="md" variant="light" aria-hidden>
              <Picture size={24} stroke={1.6} />
            </ThemeIcon>
            <Box>
              <Title order={3} size="h4" mb={4}>
                {t(`promises.${promise}.title`)}
              </Title>
              <Text c="dimmed">{t(`promises.${promise}.text`)}</Text>
            </Box>
          </Group>
        ))}
      </SimpleGrid>
      <Group mt={40} gap="lg">
        <LinkAnchor to="/legal/$text" params={{ text: "privacy" }}>
          {t("promises.more")}
        </LinkAnchor>
        <Anchor href="#questions">{t("promises.questions")}</Anchor>
      </Group>
    </Section>
  )
}
