import { Button, Card, SimpleGrid, Stack, Text, ThemeIcon, Title } from "@mantine/core"
import { type Icon, IconBulb, IconFileSpreadsheet, IconPencil } from "@tabler/icons-react"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { LinkButton } from "@/components/links"
import type { Place } from "./data/place"

/** Where there is no knowledge yet: three ways to begin. */
export function Beginnings({ place, onNew }: { place: Place; onNew: () => void }) {
  const { t } = useTranslation("knowledge")
  const organisationId = place.organisation_id
  return (
    <Stack gap="lg">
      <div>
        <Title order={2} size="h4">
          {t("begin.title")}
        </Title>
        <Text c="dimmed">{t("begin.text")}</Text>
      </div>
      <SimpleGrid cols={{ base: 1, md: 3 }}>
        <Way icon={IconPencil} title={t("begin.write.title")} text={t("begin.write.text")}>
          <Button onClick={onNew}>{t("begin.write.action")}</Button>
        </Way>
        <Way icon={IconFileSpreadsheet} title={t("begin.import.title")} text={t("begin.import.text")}>
          <LinkButton
            variant="default"
            to="/organisations/$organisationId/assistants/$assistantId/knowledge/import"
            params={{ organisationId, assistantId: place.assistant_id }}
          >
            {t("begin.import.action")}
          </LinkButton>
        </Way>
        <Way icon={IconBulb} title={t("begin.samples.title")} text={t("begin.samples.text")}>
          <LinkButton
            variant="default"
            to="/organisations/$organisationId/assistants/new"
            params={{ organisationId }}
          >
            {t("begin.samples.action")}
          </LinkButton>
        </Way>
      </SimpleGrid>
    </Stack>
  )
}

function Way({
  icon: Picture,
  title,
  text,
  children,
}: {
  icon: Icon
  title: string
  text: string
  children: ReactNode
}) {
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm" align="flex-start" h="100%">
        <ThemeIcon size={44} radius="xl" variant="light" aria-hidden>
          <Picture size={24} stroke={1.6} />
        </ThemeIcon>
        <Title order={3} size="h5">
          {title}
        </Title>
        <Text c="dimmed" flex={1}>
          {text}
        </Text>
        {children}
      </Stack>
    </Card>
  )
}
