import { Button } from "@mantine/core"
import { IconEye, IconRefresh } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Settled } from "@/app/feed"
import { useFormats } from "@/app/format"
import type { Retry } from "./use-retry"

interface MessageActionProps {
  message: Settled
  retry: Retry
  onLook: (message: Settled) => void
}

/** The one thing that can be done with it. */
export function MessageAction({ message, retry, onLook }: MessageActionProps) {
  const { t } = useTranslation("activity")
  const { dateTime } = useFormats()
  const when = dateTime(message.settled_at)
  if (retry.outdated(message)) return null
  if (message.outcome === "drafted") {
    return (
      <Button
        size="xs"
        variant="subtle"
        leftSection={<IconEye size={16} />}
        onClick={() => onLook(message)}
        aria-label={t("look.labelled", { when })}
      >
        {t("look.label")}
      </Button>
    )
  }
  if (message.outcome !== "failed") return null
  return (
    <Button
      size="xs"
      variant="light"
      leftSection={<IconRefresh size={16} />}
      loading={retry.underWay(message)}
      onClick={() => retry.again(message)}
      aria-label={t("retry.labelled", { when })}
    >
      {t("retry.label")}
    </Button>
  )
}
