import { Alert, Button, Group, Text } from "@mantine/core"
import { IconAlertTriangle } from "@tabler/icons-react"
import { useCallback } from "react"
import { useTranslation } from "react-i18next"
import { Problem } from "@/api/problem"
import { LinkButton } from "@/components/links"

interface ProblemAlertProps {
  /** Nothing is shown while there is none. */
  error: unknown
  /** The way on: what the button "try again" does. */
  onRetry?: () => void
}

/** Says in a sentence what went wrong and offers a way on. */
export function ProblemAlert({ error, onRetry }: ProblemAlertProps) {
  const { t } = useTranslation()
  const sentence = useSentence()
  if (!error) return null
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconAlertTriangle aria-hidden />} my="sm">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{sentence(error)}</Text>
        {isLoggedOut(error) && (
          <LinkButton to="/login" target="_blank" size="xs" variant="default">
            {t("logIn")}
          </LinkButton>
        )}
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t("tryAgain")}
          </Button>
        )}
      </Group>
    </Alert>
  )
}

/** Found out when something was to be saved: here it stays as it was typed, and one logs in elsewhere. */
function isLoggedOut(error: unknown): boolean {
  return error instanceof Problem && error.reason === "login_required"
}

/** A function that says an error in the reader's language. */
export function useSentence(): (error: unknown) => string {
  const { t } = useTranslation()
  return useCallback(
    error => {
      if (!(error instanceof Problem)) return t("problem.unexpected")
      if (error.status === 0) return t("problem.offline")
      if (isLoggedOut(error)) return t("problem.loggedOut")
      if (error.status === 429 && error.retryAfter) {
        return `${error.message} ${t("problem.retryAfter", { count: Math.ceil(error.retryAfter / 60) })}`
      }
      return error.message || t("problem.unexpected")
    },
    [t],
  )
}
