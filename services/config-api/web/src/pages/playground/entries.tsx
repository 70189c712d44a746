import { Badge, Card, Collapse, Group, Stack, Text, Title, UnstyledButton } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { useFormats } from "@/app/format"
import { EntryLink } from "@/components/entry-link"
import type { AssistantPath } from "./outcome"
import type { TriedEntry, Try } from "./use-try"

interface EntriesProps {
  tried: Try
  path: AssistantPath
}

/** What of the knowledge the draft rests on, and what was looked at besides. */
export function Entries({ tried: { entries }, path }: EntriesProps) {
  const { t } = useTranslation("playground")
  const [open, { toggle }] = useDisclosure()
  const used = entries.filter(entry => entry.used)
  const others = entries.filter(entry => !entry.used)
  const Chevron = open ? IconChevronUp : IconChevronDown
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="entries-title">
      <Stack>
        <Title order={2} size="h4" id="entries-title">
          {t("entries.title")}
        </Title>
        {used.length === 0 && <Text c="dimmed">{t("entries.none")}</Text>}
        {used.map((entry, i) => (
          <Entry key={entry.id} entry={entry} number={i + 1} path={path} />
        ))}
        {others.length > 0 && (
          <>
            <UnstyledButton onClick={toggle} aria-expanded={open} py={4}>
              <Group gap={6}>
                <Chevron size={18} aria-hidden />
                <Text size="sm">{t("entries.others", { count: others.length })}</Text>
              </Group>
            </UnstyledButton>
            <Collapse expanded={open}>
              <Stack>
                {others.map(entry => (
                  <Entry key={entry.id} entry={entry} path={path} />
                ))}
              </Stack>
            </Collapse>
          </>
        )}
      </Stack>
    </Card>
  )
}

interface EntryProps {
  entry: TriedEntry
  number?: number
  path: AssistantPath
}

function Entry({ entry, number, path }: EntryProps) {
  const { t } = useTranslation("playground")
  const { percent } = useFormats()
  const said = entry.passages.filter(passage => passage !== entry.question)
  return (
    <Group align="flex-start" wrap="nowrap" gap="sm">
      <Badge circle size="lg" color={number ? "petrol" : "gray"} variant={number ? "filled" : "light"}>
        {number ?? "–"}
      </Badge>
      <Stack gap={4} flex={1} miw={0}>
        <EntryLink
          organisationId={path.organisation_id}
          assistantId={path.assistant_id}
          entryId={entry.id}
          fw={600}
        >
          {entry.question || t("entries.untitled")}
        </EntryLink>
        {said.map(passage => (
          <Text key={passage} size="sm">
            {t("entries.passage", { passage })}
          </Text>
        ))}
        <Text size="xs" c="dimmed">
          {t("entries.fits", { share: percent(entry.score) })}
        </Text>
      </Stack>
    </Group>
  )
}
