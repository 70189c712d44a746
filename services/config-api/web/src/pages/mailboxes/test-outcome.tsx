import { Alert, Group, List, Progress, Stack, Text, ThemeIcon, VisuallyHidden } from "@mantine/core"
import { IconAlertTriangle, IconCheck, IconMinus, IconX } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { HelpLink, Notes } from "./provider-note"

const CHECKS = ["host", "connection", "encryption", "greeting", "login", "folder", "drafts"] as const
const LOOKS = {
  ok: { color: "green", Picture: IconCheck },
  failed: { color: "red", Picture: IconX },
  skipped: { color: "gray", Picture: IconMinus },
} as const

interface TestOutcomeProps {
  test: Schema<"TestResult"> | undefined
  testing: boolean
  helpUrl?: string
  provider?: string
}

/** How far a connection test came, what went wrong, and what to do next. */
export function TestOutcome({ test, testing, helpUrl, provider = "" }: TestOutcomeProps) {
  const { t } = useTranslation("mailboxes")
  if (testing) {
    return (
      <Stack gap={6} role="status">
        <Text size="sm">{t("test.running")}</Text>
        <Progress value={100} animated aria-label={t("test.running")} />
      </Stack>
    )
  }
  if (!test) return null
  return (
    <Stack gap="sm">
      <Alert
        variant="light"
        color={test.ok ? "green" : "red"}
        role={test.ok ? "status" : "alert"}
        icon={test.ok ? <IconCheck aria-hidden /> : <IconAlertTriangle aria-hidden />}
        title={test.sentence}
      >
        {test.advice && <Text size="sm">{test.advice}</Text>}
        <Notes notes={test.notes} />
        {!test.ok && helpUrl && <HelpLink url={helpUrl} provider={provider} />}
        {test.ok && test.messages !== null && (
          <Text size="sm">{t("test.messages", { count: test.messages })}</Text>
        )}
      </Alert>
      <Steps test={test} />
    </Stack>
  )
}

function Steps({ test }: { test: Schema<"TestResult"> }) {
  const { t } = useTranslation("mailboxes")
  const taken = new Map(test.steps.map(({ step, ok }) => [step, ok]))
  const last = CHECKS.indexOf(test.steps.at(-1)?.step ?? "host")
  const shown = CHECKS.filter((step, index) => taken.has(step) || (!test.ok && index > last))
  return (
    <List listStyleType="none" spacing={6} aria-label={t("test.steps")} withPadding={false}>
      {shown.map(step => {
        const state = taken.has(step) ? (taken.get(step) ? "ok" : "failed") : "skipped"
        const { color, Picture } = LOOKS[state]
        return (
          <List.Item key={step}>
            <Group gap="xs" wrap="nowrap">
              <ThemeIcon size={20} radius="xl" variant="light" color={color} aria-hidden>
                <Picture size={13} stroke={3} />
              </ThemeIcon>
              <Text size="sm" c={state === "skipped" ? "dimmed" : undefined}>
                {t(`test.step.${step}`)}
              </Text>
              <VisuallyHidden>{t(`test.state.${state}`)}</VisuallyHidden>
            </Group>
          </List.Item>
        )
      })}
    </List>
  )
}
