import { Card, SimpleGrid, Stack, Text, ThemeIcon, Title } from "@mantine/core"
import { type Icon, IconBooks, IconCoffee, IconUserPlus } from "@tabler/icons-react"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { LinkButton } from "@/components/links"

interface WhatNextProps {
  organisation: Schema<"OrganisationPublic">
  assistant: Schema<"AssistantPublic">
}

/** The ways on, the most useful first. */
export function WhatNext({ organisation, assistant }: WhatNextProps) {
  const { t } = useTranslation("start")
  const of = { organisationId: organisation.id }
  return (
    <Stack component="section" aria-labelledby="what-next">
      <Title order={2} size="h3" id="what-next">
        {t("whatNext.title")}
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Way icon={IconBooks} title={t("whatNext.knowledge")} text={t("whatNext.knowledgeText")}>
          <LinkButton
            to="/organisations/$organisationId/assistants/$assistantId/knowledge"
            params={{ ...of, assistantId: assistant.id }}
          >
            {t("whatNext.openKnowledge")}
          </LinkButton>
        </Way>
        <Way icon={IconUserPlus} title={t("whatNext.colleague")} text={t("whatNext.colleagueText")}>
          <LinkButton to="/organisations/$organisationId/members" params={of} variant="default">
            {t("whatNext.invite")}
          </LinkButton>
        </Way>
        <Way icon={IconCoffee} title={t("whatNext.leave")} text={t("whatNext.leaveText")}>
          <LinkButton to="/organisations/$organisationId" params={of} variant="default">
            {t("whatNext.overview")}
          </LinkButton>
        </Way>
      </SimpleGrid>
    </Stack>
  )
}

interface WayProps {
  icon: Icon
  title: string
  text: string
  children: ReactNode
}

function Way({ icon: Picture, title, text, children }: WayProps) {
  return (
    <Card withBorder radius="md" p="lg">
      <Stack h="100%" justify="space-between" align="flex-start">
        <Stack gap={6}>
          <ThemeIcon size={36} variant="light" radius="md" aria-hidden>
            <Picture size={20} stroke={1.6} />
          </ThemeIcon>
          <Title order={3} size="h5">
            {title}
          </Title>
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        </Stack>
        {children}
      </Stack>
    </Card>
  )
}
