import { Box, SimpleGrid, Text, ThemeIcon, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { Section } from "@/pages/welcome/section"

const STEPS = ["knowledge", "mailbox", "send"] as const

export function Steps() {
  const { t } = useTranslation("welcome")
  return (
    <Section id="steps" title={t("steps.title")} text={t("steps.text")}>
      <SimpleGrid
        component="ol"
        role="list"
        cols={{ base: 1, sm: 3 }}
        spacing={{ base: "xl", sm: 40 }}
        m={0}
        p={0}
      >
        {STEPS.map((step, index) => (
          <Box component="li" key={step} style={{ listStyle: "none" }}>
            <ThemeIcon size={44} radius="xl" aria-hidden>
              <Text fw={700}>{index + 1}</Text>
            </ThemeIcon>
            <Title order={3} size="h4" mt="md" mb={6}>
              {t(`steps.${step}.title`)}
            </Title>
            <Text c="dimmed">{t(`steps.${step}.text`)}</Text>
          </Box>
        ))}
      </SimpleGrid>
    </Section>
  )
}
