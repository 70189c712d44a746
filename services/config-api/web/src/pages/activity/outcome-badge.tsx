import { Badge } from "@mantine/core"
import { IconAlertTriangle, IconArrowForward, IconFileCheck } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"

const LOOKS = {
  drafted: { icon: IconFileCheck, color: "petrol" },
  skipped: { icon: IconArrowForward, color: "gray" },
  failed: { icon: IconAlertTriangle, color: "red" },
}

export function OutcomeBadge({ outcome }: { outcome: Schema<"Outcome"> }) {
  const { t } = useTranslation("activity")
  const { icon: Picture, color } = LOOKS[outcome]
  return (
    <Badge
      miw="max-content"
      color={color}
      variant="light"
      size="lg"
      tt="none"
      leftSection={<Picture size={16} aria-hidden />}
    >
      {t(`outcome.${outcome}`)}
    </Badge>
  )
}
