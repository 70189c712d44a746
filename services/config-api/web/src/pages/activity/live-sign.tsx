import { Badge, Button, Group } from "@mantine/core"
import { IconBroadcast, IconPlayerPause, IconPlayerPlay, IconPlugConnectedX } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { FeedState } from "@/app/feed"

const LOOKS = {
  live: { icon: IconBroadcast, color: "green" },
  connecting: { icon: IconBroadcast, color: "gray" },
  broken: { icon: IconPlugConnectedX, color: "orange" },
  paused: { icon: IconPlayerPause, color: "gray" },
}

interface LiveSignProps {
  live: FeedState
  onPause: (paused: boolean) => void
}

/** Says whether what is new appears by itself, and lets it be held. */
export function LiveSign({ live, onPause }: LiveSignProps) {
  const { t } = useTranslation("activity")
  const { icon: Picture, color } = LOOKS[live]
  const paused = live === "paused"
  return (
    <Group gap="xs">
      <Badge
        size="lg"
        miw="max-content"
        variant="light"
        tt="none"
        color={color}
        leftSection={<Picture size={16} aria-hidden />}
        role="status"
      >
        {t(`live.${live}`)}
      </Badge>
      <Button
        size="xs"
        variant="default"
        leftSection={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
        onClick={() => onPause(!paused)}
      >
        {paused ? t("live.resume") : t("live.pause")}
      </Button>
    </Group>
  )
}
