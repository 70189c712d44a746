import { Box, Container, Group, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import classes from "@/components/footer.module.css"
import { LinkAnchor } from "@/components/links"

const TEXTS = ["imprint", "privacy", "terms"] as const

export function Footer() {
  const { t } = useTranslation()
  return (
    <Box component="footer" className={classes.footer}>
      <Container size="lg" py="xl">
        <Group justify="space-between" gap="md">
          <Stack gap={2}>
            <Text fw={650}>Kinamik</Text>
            <Text size="sm" c="dimmed">
              {t("footer.promise")}
            </Text>
          </Stack>
          <Group gap="lg" component="nav" aria-label={t("footer.legal")}>
            {TEXTS.map(text => (
              <LinkAnchor key={text} to="/legal/$text" params={{ text }} size="sm" py={4}>
                {t(`footer.${text}`)}
              </LinkAnchor>
            ))}
            <LinkAnchor to="/api-docs" size="sm" py={4}>
              {t("footer.api")}
            </LinkAnchor>
          </Group>
        </Group>
      </Container>
    </Box>
  )
}
