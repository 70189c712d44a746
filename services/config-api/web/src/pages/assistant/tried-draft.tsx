import { Alert, List, Progress, Text } from "@mantine/core"
import { IconInfoCircle } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { MailPaper } from "@/components/mail-paper"
import { ProblemAlert } from "@/components/problem-alert"
import type { Try } from "@/pages/playground/use-try"

const SHARE = { reading: 15, writing: 55, checking: 90 }

interface TriedDraftProps {
  tried: Try
  signature: string
  onRetry: () => void
}

/** What became of a mail that was tried: the draft as it is written, or why there is none. */
export function TriedDraft({ tried, signature, onRetry }: TriedDraftProps) {
  const { t } = useTranslation(["assistant", "playground"])
  if (tried.phase === "idle") return null
  if (tried.error) return <ProblemAlert error={tried.error} onRetry={onRetry} />
  if (tried.phase === "failed") {
    const why = t(`playground:failure.${tried.failure}`, { defaultValue: t("playground:failure.other") })
    return (
      <Alert color="red" variant="light" role="alert" title={t("try.failed")}>
        {why}
      </Alert>
    )
  }
  if (tried.result?.outcome === "skipped") {
    return (
      <Alert variant="light" role="status" icon={<IconInfoCircle aria-hidden />}>
        {t("try.skipped")}
      </Alert>
    )
  }
  return <Written tried={tried} signature={signature} />
}

function Written({ tried, signature }: Omit<TriedDraftProps, "onRetry">) {
  const { t } = useTranslation("assistant")
  const { draft, text } = tried
  const signed = draft && [draft.body.trimEnd(), signature.trim()].filter(Boolean).join("\n\n")
  return (
    <MailPaper title={t("try.draft")} text={signed ?? text} primary>
      <div role="status">
        {tried.phase === "running" ? (
          <>
            <Text size="sm" c="dimmed" mb={6}>
              {t(`try.${tried.step}`)}
            </Text>
            <Progress value={SHARE[tried.step]} animated aria-label={t("try.working")} />
          </>
        ) : (
          <Text size="sm" c="dimmed">
            {t("try.used", { count: tried.entries.filter(({ used }) => used).length })}
          </Text>
        )}
      </div>
      {draft && draft.open_questions.length > 0 && (
        <Alert
          variant="light"
          icon={<IconInfoCircle aria-hidden />}
          title={t("try.open", { count: draft.open_questions.length })}
        >
          <List size="sm">
            {draft.open_questions.map(question => (
              <List.Item key={question}>{question}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </MailPaper>
  )
}
