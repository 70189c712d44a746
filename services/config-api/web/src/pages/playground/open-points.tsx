import { Alert, Button, Card, Group, Stack, Text, Title } from "@mantine/core"
import { IconCheck, IconPlus, IconQuestionMark, IconRefresh } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { AnswerDialog } from "./answer-dialog"
import type { AssistantPath } from "./outcome"

interface OpenPointsProps {
  questions: string[]
  path: AssistantPath
  onAgain?: () => void
}

/** What the knowledge did not answer, each one click away from being answered for good. */
export function OpenPoints({ questions, path, onAgain }: OpenPointsProps) {
  const { t } = useTranslation("playground")
  const [asked, setAsked] = useState<string>()
  const [answered, setAnswered] = useState<string[]>([])
  if (questions.length === 0) return null
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="open-title">
      <Stack>
        <Stack gap={4}>
          <Title order={2} size="h4" id="open-title">
            {t("open.title")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("open.text")}
          </Text>
        </Stack>
        {questions.map(question => (
          <Group key={question} justify="space-between" gap="sm">
            <Group gap="xs" wrap="nowrap" flex="1 1 240px">
              <IconQuestionMark size={18} aria-hidden />
              <Text flex={1}>{question}</Text>
            </Group>
            {answered.includes(question) ? (
              <Group gap={6} wrap="nowrap">
                <IconCheck size={18} aria-hidden />
                <Text size="sm">{t("open.answered")}</Text>
              </Group>
            ) : (
              <Button
                size="xs"
                variant="light"
                leftSection={<IconPlus size={16} />}
                onClick={() => setAsked(question)}
                aria-label={t("open.answerLabel", { question })}
              >
                {t("open.answer")}
              </Button>
            )}
          </Group>
        ))}
        {answered.length > 0 && onAgain && (
          <Alert color="green" variant="light" icon={<IconCheck aria-hidden />} title={t("open.learned")}>
            <Button size="xs" leftSection={<IconRefresh size={16} />} onClick={onAgain}>
              {t("open.tryAgain")}
            </Button>
          </Alert>
        )}
      </Stack>
      <AnswerDialog
        question={asked}
        path={path}
        onClose={() => setAsked(undefined)}
        onSaved={() => asked && setAnswered([...answered, asked])}
      />
    </Card>
  )
}
