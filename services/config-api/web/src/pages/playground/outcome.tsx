import { Alert, Button, Card, Group, Stack, Text, Title } from "@mantine/core"
import { IconHandStop, IconMailOff, IconRefresh, IconWand } from "@tabler/icons-react"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { EmptyState } from "@/components/empty-state"
import { ProblemAlert } from "@/components/problem-alert"
import { Bill } from "./bill"
import { Entries } from "./entries"
import { Flags } from "./flags"
import { OpenPoints } from "./open-points"
import { Progress } from "./progress"
import { Texts } from "./texts"
import type { Try } from "./use-try"

export interface AssistantPath {
  organisation_id: string
  assistant_id: string
}

interface OutcomeProps {
  tried: Try
  path: AssistantPath
  onAgain?: () => void
}

/** What becomes of the mail: first while it is written, then the draft and what there is to say about it. */
export function Outcome({ tried, path, onAgain }: OutcomeProps) {
  const { t } = useTranslation("playground")
  if (tried.phase === "idle") {
    return (
      <Card withBorder padding="lg" component="section" aria-label={t("outcome.title")}>
        <EmptyState icon={IconWand} title={t("outcome.none")} text={t("outcome.noneText")} />
      </Card>
    )
  }
  return (
    <Stack gap="xl">
      <Card withBorder padding="lg" component="section" aria-labelledby="draft-title">
        <Stack>
          <Group justify="space-between">
            <Title order={2} size="h4" id="draft-title">
              {t("outcome.title")}
            </Title>
            {tried.phase !== "running" && onAgain && (
              <Button variant="light" size="xs" leftSection={<IconRefresh size={16} />} onClick={onAgain}>
                {t("again")}
              </Button>
            )}
          </Group>
          <Progress tried={tried} />
          <Body tried={tried} path={path} />
        </Stack>
      </Card>
      {tried.draft && tried.result && (
        <OpenPoints questions={tried.draft.open_questions} path={path} onAgain={onAgain} />
      )}
      {tried.result && <Entries tried={tried} path={path} />}
      {tried.result && <Bill result={tried.result} cost={tried.cost} />}
    </Stack>
  )
}

function Body({ tried, path }: { tried: Try; path: AssistantPath }) {
  const { t } = useTranslation("playground")
  const { phase, result, failure, error } = tried
  if (phase === "failed") {
    if (error) return <ProblemAlert error={error} />
    const why = t(`failure.${failure}`, { defaultValue: t("failure.other") })
    return <Said icon={<IconHandStop aria-hidden />} color="red" title={t("outcome.failed")} text={why} />
  }
  if (result?.outcome === "skipped") {
    return (
      <Said
        icon={<IconMailOff aria-hidden />}
        color="gray"
        title={t("outcome.skipped")}
        text={t("outcome.skippedText")}
      />
    )
  }
  return (
    <>
      {phase === "stopped" && <Text c="dimmed">{t("outcome.stopped")}</Text>}
      {result && <Flags tried={tried} />}
      <Texts tried={tried} path={path} />
    </>
  )
}

interface SaidProps {
  icon: ReactNode
  color: string
  title: string
  text: string
}

function Said({ icon, color, title, text }: SaidProps) {
  return (
    <Alert icon={icon} color={color} variant="light" title={title}>
      {text}
    </Alert>
  )
}
