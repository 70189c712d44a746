import { Anchor, Box, Container, Group, Stack, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useSiteQuery } from "@/app/site"
import { Sample } from "@/pages/welcome/sample"
import { StartButton } from "@/pages/welcome/start-button"
import classes from "@/pages/welcome/welcome.module.css"

export function Hero() {
  const { t } = useTranslation("welcome")
  const days = useSiteQuery().data?.trial_days ?? 30
  return (
    <Box className={classes.hero}>
      <Container size="lg" py={{ base: 40, sm: 80 }}>
        <div className={classes.heroGrid}>
          <Stack gap="lg">
            <Title order={1} className={classes.headline}>
              {t("hero.title")}
            </Title>
            <Text size="xl" c="dimmed" lh={1.5}>
              {t("hero.text")}
            </Text>
            <Group gap="lg" mt="xs">
              <StartButton />
              <Anchor href="#steps" fw={500}>
                {t("hero.how")}
              </Anchor>
            </Group>
            <Text size="sm" c="dimmed">
              {t("hero.terms", { days })}
            </Text>
          </Stack>
          <Sample />
        </div>
      </Container>
    </Box>
  )
}
