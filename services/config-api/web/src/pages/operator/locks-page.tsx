import { Button, Card, Group, Stack, Text } from "@mantine/core"
import { IconLockOpen } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { useRefresh } from "@/app/refresh"
import { EmptyState } from "@/components/empty-state"
import { BY_CURSOR, More } from "@/components/more"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert, useSentence } from "@/components/problem-alert"
import { complained, told } from "@/components/tell"
import { Waiting } from "@/components/waiting"

const LIST = "/api/v1/operator/audit/locks"

export function LocksPage() {
  const { t } = useTranslation("operator")
  const query = api.useInfiniteQuery("get", LIST, { params: { query: { limit: 50 } } }, BY_CURSOR)
  const locks = query.data?.pages.flatMap(page => page.items) ?? []
  return (
    <>
      <PageHeader title={t("locks.title")} text={t("locks.text")} />
      <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Waiting />}
      {query.isSuccess && locks.length === 0 && (
        <EmptyState icon={IconLockOpen} title={t("locks.none")} text={t("locks.noneText")} />
      )}
      <Stack component="ul" gap="xs" p={0} m={0}>
        {locks.map(lock => (
          <LockRow key={lock.id} lock={lock} />
        ))}
      </Stack>
      <More query={query} />
    </>
  )
}

function LockRow({ lock }: { lock: Schema<"Lock"> }) {
  const { t } = useTranslation("operator")
  const { dateTime } = useFormats()
  const refresh = useRefresh()
  const sentence = useSentence()
  const lift = api.useMutation("delete", `${LIST}/{lock_id}`, {
    onSuccess: async () => {
      told(t("locks.lifted"))
      await refresh(LIST)
    },
    onError: error => complained(sentence(error)),
  })
  const whom = [lock.user_name, lock.address].filter(Boolean).join(" · ") || t("locks.forgotten")
  return (
    <Card withBorder component="li" padding="sm">
      <Group justify="space-between">
        <Stack gap={0}>
          <Text fw={550}>{whom}</Text>
          <Text size="sm" c="dimmed">
            {t("locks.line", {
              action: lock.action,
              count: lock.attempts,
              when: dateTime(lock.locked_until),
            })}
          </Text>
        </Stack>
        <Button
          variant="default"
          size="compact-md"
          loading={lift.isPending}
          onClick={() => lift.mutate({ params: { path: { lock_id: lock.id } } })}
        >
          {t("locks.lift")}
        </Button>
      </Group>
    </Card>
  )
}
