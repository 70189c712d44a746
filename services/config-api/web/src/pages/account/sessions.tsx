import { Badge, Button, Group, Skeleton, Stack, Text, ThemeIcon } from "@mantine/core"
import { IconDeviceDesktop } from "@tabler/icons-react"
import { useQueryClient } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { ProblemAlert, useSentence } from "@/components/problem-alert"
import { askFirst, complained, told } from "@/components/tell"
import { browserName } from "@/pages/account/browser-name"
import { Section } from "@/pages/account/section"

export const SESSIONS = api.queryOptions("get", "/api/v1/account/sessions").queryKey

/** Where one is logged in. */
export function Sessions() {
  const { t } = useTranslation("account")
  const sessions = api.useQuery("get", "/api/v1/account/sessions")
  const ending = useEnding(t("sessions.othersEnded"))
  const end = api.useMutation("delete", "/api/v1/account/sessions", ending)
  const askToEnd = () =>
    askFirst({
      title: t("sessions.endOthers"),
      text: t("sessions.endOthersText"),
      confirm: t("sessions.endOthersConfirm"),
      onConfirm: () => end.mutate({}),
    })
  return (
    <Section title={t("sessions.title")} text={t("sessions.text")}>
      <Stack>
        <ProblemAlert error={sessions.error} onRetry={() => void sessions.refetch()} />
        {sessions.isPending && <Skeleton h={52} />}
        <Stack component="ul" role="list" gap="md" m={0} p={0}>
          {sessions.data?.map(session => (
            <Session key={session.id} session={session} />
          ))}
        </Stack>
        {(sessions.data?.length ?? 0) > 1 && (
          <Group>
            <Button variant="default" onClick={askToEnd} loading={end.isPending}>
              {t("sessions.endOthers")}
            </Button>
          </Group>
        )}
      </Stack>
    </Section>
  )
}

function Session({ session }: { session: Schema<"SessionPublic"> }) {
  const { t } = useTranslation("account")
  const { ago, dateTime } = useFormats()
  const ending = useEnding(t("sessions.ended"))
  const end = api.useMutation("delete", "/api/v1/account/sessions/{session_id}", ending)
  const name = browserName(session.user_agent) || t("sessions.unknown")
  const askToEnd = () =>
    askFirst({
      title: t("sessions.end"),
      text: t("sessions.endText", { name }),
      confirm: t("sessions.end"),
      onConfirm: () => end.mutate({ params: { path: { session_id: session.id } } }),
    })
  return (
    <Group component="li" justify="space-between" gap="sm" wrap="nowrap">
      <Group gap="sm" wrap="nowrap" align="flex-start" miw={0}>
        <ThemeIcon variant="light" color="gray" size={36} radius="xl" aria-hidden>
          <IconDeviceDesktop size={20} stroke={1.6} />
        </ThemeIcon>
        <div>
          <Group gap="xs">
            <Text size="sm" fw={500}>
              {name}
            </Text>
            {session.current && (
              <Badge variant="light" tt="none">
                {t("sessions.current")}
              </Badge>
            )}
          </Group>
          <Text size="xs" c="dimmed">
            {t("sessions.times", { used: ago(session.last_used_at), since: dateTime(session.created_at) })}
          </Text>
        </div>
      </Group>
      {!session.current && (
        <Button
          variant="default"
          size="xs"
          flex="none"
          onClick={askToEnd}
          loading={end.isPending}
          aria-label={t("sessions.endNamed", { name })}
        >
          {t("sessions.end")}
        </Button>
      )}
    </Group>
  )
}

function useEnding(done: string) {
  const queries = useQueryClient()
  const sentence = useSentence()
  return {
    onSuccess: async () => {
      told(done)
      await queries.invalidateQueries({ queryKey: SESSIONS })
    },
    onError: (error: unknown) => complained(sentence(error)),
  }
}
