import { Button, Card, Select, Spoiler, Stack, Text, Title } from "@mantine/core"
import { IconWand } from "@tabler/icons-react"
import { useEffect, useEffectEvent, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { LinkAnchor } from "@/components/links"
import { ProblemAlert } from "@/components/problem-alert"
import { useTry } from "@/pages/playground/use-try"
import { asTried, useSampleMails } from "./samples"
import { TriedDraft } from "./tried-draft"

interface PreviewProps {
  assistant: Schema<"AssistantPublic">
  industry: string
  /** Counts the times the settings were saved: each time the draft is written anew. */
  saves: number
}

/** A sample mail and what the assistant writes to it, as its settings are. */
export function Preview({ assistant, industry, saves }: PreviewProps) {
  const { t } = useTranslation("assistant")
  const samples = useSampleMails(industry, assistant.languages[0] ?? "de")
  const [chosen, setChosen] = useState(0)
  const { tried, start } = useTry(assistant.organisation_id, assistant.id)
  const mail = samples.mails?.[chosen]
  const write = () => mail && void start(asTried(mail))
  const saved = useEffectEvent(() => void write())
  const seen = useRef(saves)
  useEffect(() => {
    if (seen.current !== saves) saved()
    seen.current = saves
  }, [saves])
  return (
    <Card withBorder radius="md" p="lg" component="section" className="preview">
      <Stack>
        <div>
          <Title order={2} size="h4">
            {t("preview.title")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("preview.text")}
          </Text>
        </div>
        <ProblemAlert error={samples.error} onRetry={samples.refetch} />
        {samples.mails && (
          <Select
            label={t("preview.mail")}
            data={samples.mails.map(({ subject }, index) => ({ value: `${index}`, label: subject }))}
            value={`${chosen}`}
            onChange={index => setChosen(Number(index))}
            allowDeselect={false}
          />
        )}
        {mail && (
          <Spoiler maxHeight={84} showLabel={t("preview.more")} hideLabel={t("preview.less")}>
            <Text size="sm" c="dimmed" style={{ whiteSpace: "pre-wrap" }}>
              {mail.body.trim()}
            </Text>
          </Spoiler>
        )}
        <Button
          variant="light"
          leftSection={<IconWand size={18} aria-hidden />}
          onClick={write}
          disabled={!mail}
          loading={tried.phase === "running"}
        >
          {tried.phase === "idle" ? t("preview.write") : t("preview.again")}
        </Button>
        <TriedDraft tried={tried} signature={assistant.signature} onRetry={write} />
        <LinkAnchor
          to="/organisations/$organisationId/assistants/$assistantId/playground"
          params={{ organisationId: assistant.organisation_id, assistantId: assistant.id }}
          size="sm"
        >
          {t("preview.playground")}
        </LinkAnchor>
      </Stack>
    </Card>
  )
}
