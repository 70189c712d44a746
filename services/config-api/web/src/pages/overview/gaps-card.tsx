import { Card, Group, List, SimpleGrid, Stack, Text, Title } from "@mantine/core"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { EntryLink } from "@/components/entry-link"
import { LinkButton } from "@/components/links"

const SHOWN = 5

interface GapsCardProps {
  organisationId: string
  overview: Schema<"Overview">
  /** Whose knowledge the button opens. */
  assistantId: string | undefined
}

/** What the knowledge lacks, and what of it nobody needs. */
export function GapsCard({ organisationId, overview, assistantId }: GapsCardProps) {
  const { t } = useTranslation("overview")
  const { day } = useFormats()
  const { knowledge, open_points, with_open_points, without_knowledge, needs_human } = overview
  const lines = [
    open_points > 0 &&
      t("gaps.open", { count: open_points, drafts: t("gaps.drafts", { count: with_open_points }) }),
    without_knowledge > 0 && t("gaps.without", { count: without_knowledge }),
    needs_human > 0 && t("gaps.needsHuman", { count: needs_human }),
    knowledge.expired > 0 && t("gaps.expired", { count: knowledge.expired }),
  ].filter(line => typeof line === "string")
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="gaps-title">
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h4" id="gaps-title">
            {t("gaps.title")}
          </Title>
          {assistantId && (
            <LinkButton
              size="xs"
              variant="light"
              to="/organisations/$organisationId/assistants/$assistantId/knowledge"
              params={{ organisationId, assistantId }}
            >
              {t("gaps.knowledge")}
            </LinkButton>
          )}
        </Group>
        {lines.length === 0 ? (
          <Text c="dimmed">{t("gaps.none")}</Text>
        ) : (
          <List spacing={4}>
            {lines.map(line => (
              <List.Item key={line}>{line}</List.Item>
            ))}
          </List>
        )}
        <SimpleGrid cols={{ base: 1, md: 3 }} spacing="xl">
          <Entries
            title={t("gaps.mostUsed")}
            none={t("gaps.noneUsed")}
            entries={knowledge.most_used}
            text={({ uses }) => t("gaps.uses", { count: uses })}
            organisationId={organisationId}
          />
          <Entries
            title={t("gaps.neverUsed", { count: knowledge.unused })}
            none={t("gaps.allUsed")}
            entries={knowledge.never_used}
            organisationId={organisationId}
          />
          <Entries
            title={t("gaps.endsSoon")}
            none={t("gaps.noneEnds")}
            entries={knowledge.ends_soon}
            text={({ valid_until }) => valid_until && t("gaps.ends", { date: day(valid_until) })}
            organisationId={organisationId}
          />
        </SimpleGrid>
      </Stack>
    </Card>
  )
}

interface EntriesProps {
  title: string
  none: string
  entries: Schema<"KnowledgeUse">[]
  text?: (entry: Schema<"KnowledgeUse">) => ReactNode
  organisationId: string
}

function Entries({ title, none, entries, text, organisationId }: EntriesProps) {
  return (
    <Stack gap="xs">
      <Title order={3} size="h6">
        {title}
      </Title>
      {entries.length === 0 && (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      )}
      {entries.slice(0, SHOWN).map(entry => (
        <Stack key={entry.id} gap={0}>
          <EntryLink
            organisationId={organisationId}
            assistantId={entry.assistant_id}
            entryId={entry.id}
            size="sm"
          >
            {entry.question}
          </EntryLink>
          {text && (
            <Text size="xs" c="dimmed">
              {text(entry)}
            </Text>
          )}
        </Stack>
      ))}
    </Stack>
  )
}
