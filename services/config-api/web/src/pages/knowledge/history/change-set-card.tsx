import { Badge, Button, Collapse, Group, Paper, Stack, Text } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import type { Place } from "../data/place"
import { ChangeSetDetails } from "./change-set-details"
import { useTakeBack } from "./use-take-back"

interface ChangeSetCardProps {
  place: Place
  set: Schema<"ChangeSetPublic">
  who: string
  undone: boolean
}

const WHAT = ["added", "changed", "removed"] as const

export function ChangeSetCard({ place, set, who, undone }: ChangeSetCardProps) {
  const { t } = useTranslation("knowledge")
  const formats = useFormats()
  const [opened, { toggle }] = useDisclosure()
  const takeBack = useTakeBack(place)
  const what = WHAT.filter(kind => set[kind] > 0).map(kind => t(`history.${kind}`, { count: set[kind] }))
  const when = formats.dateTime(set.created_at)
  return (
    <Paper component="li" withBorder p="md" style={{ listStyle: "none" }}>
      <Group justify="space-between" gap="sm">
        <Stack gap={2}>
          <Group gap="xs">
            <Text fw={550}>{what.join(", ")}</Text>
            {set.kind !== "edit" && (
              <Badge variant="light" color="gray">
                {t(`history.kind.${set.kind}`)}
              </Badge>
            )}
            {undone && (
              <Badge variant="light" color="yellow">
                {t("history.undone")}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {t("history.by", { who, when })}
          </Text>
        </Stack>
        <Group gap="xs">
          <Button
            size="xs"
            variant="subtle"
            aria-expanded={opened}
            aria-label={opened ? t("history.hideAt", { when }) : t("history.lookAt", { when })}
            onClick={toggle}
          >
            {opened ? t("history.hide") : t("history.look")}
          </Button>
          {!undone && (
            <Button
              size="xs"
              variant="default"
              aria-label={t("history.takeBackOf", { when })}
              loading={takeBack.isPending}
              onClick={() => takeBack.mutate(set.id)}
            >
              {t("history.takeBack")}
            </Button>
          )}
        </Group>
      </Group>
      <Collapse expanded={opened}>{opened && <ChangeSetDetails place={place} id={set.id} />}</Collapse>
    </Paper>
  )
}
