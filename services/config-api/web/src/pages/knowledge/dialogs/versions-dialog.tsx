import { Badge, Button, Group, Modal, Stack, Text, Timeline } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useFormats } from "@/app/format"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { ChangeView } from "../change-view"
import { type Place, VERSIONS } from "../data/place"
import { usePeople } from "../data/use-people"
import { useTakeBack } from "../history/use-take-back"

interface VersionsDialogProps {
  place: Place
  id: string | undefined
  onClose: () => void
}

/** What happened to one entry, newest first. */
export function VersionsDialog({ place, id, onClose }: VersionsDialogProps) {
  const { t } = useTranslation(["knowledge", "common"])
  return (
    <Modal
      opened={id !== undefined}
      onClose={onClose}
      title={t("versions.title")}
      size="xl"
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      {id !== undefined && <Versions place={place} id={id} />}
    </Modal>
  )
}

function Versions({ place, id }: { place: Place; id: string }) {
  const { t } = useTranslation("knowledge")
  const formats = useFormats()
  const who = usePeople(place.organisation_id)
  const takeBack = useTakeBack(place)
  const path = { ...place, entry_id: id }
  const versions = api.useQuery(
    "get",
    VERSIONS,
    { params: { path, query: { limit: 100 } } },
    { staleTime: 0 },
  )
  if (versions.isPending) return <Waiting />
  if (versions.error) return <ProblemAlert error={versions.error} onRetry={() => void versions.refetch()} />
  const items = versions.data.items
  if (items.length === 0) return <Text c="dimmed">{t("versions.none")}</Text>
  return (
    <Timeline bulletSize={16} lineWidth={2}>
      {items.map(({ change_set, before, after }, position) => (
        <Timeline.Item key={change_set.id} title={t(`versions.${kindOf(before, after)}`)}>
          <Stack gap="xs">
            <Group gap="xs">
              <Text size="sm" c="dimmed">
                {t("history.by", {
                  who: who(change_set.actor),
                  when: formats.dateTime(change_set.created_at),
                })}
              </Text>
              {change_set.kind !== "edit" && (
                <Badge variant="light" color="gray">
                  {t(`history.kind.${change_set.kind}`)}
                </Badge>
              )}
            </Group>
            <ChangeView before={before} after={after} />
            {position === 0 && (
              <Group>
                <Button
                  size="xs"
                  variant="default"
                  loading={takeBack.isPending}
                  onClick={() => takeBack.mutate(change_set.id, { onSuccess: () => void versions.refetch() })}
                >
                  {t("history.takeBack")}
                </Button>
              </Group>
            )}
          </Stack>
        </Timeline.Item>
      ))}
    </Timeline>
  )
}

function kindOf(before: unknown, after: unknown): "added" | "changed" | "deleted" {
  if (!before) return "added"
  return after ? "changed" : "deleted"
}
