import { Divider, Stack, Text } from "@mantine/core"
import { api } from "@/api/client"
import { BY_CURSOR, More } from "@/components/more"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { ChangeView } from "../change-view"
import type { Content } from "../data/fields"
import { CHANGE_SET, type Place } from "../data/place"

/** Each entry of a change set, before and after. */
export function ChangeSetDetails({ place, id }: { place: Place; id: string }) {
  const path = { ...place, change_set_id: id }
  const changes = api.useInfiniteQuery(
    "get",
    CHANGE_SET,
    { params: { path, query: { limit: 20 } } },
    { ...BY_CURSOR, staleTime: Number.POSITIVE_INFINITY },
  )
  if (changes.isPending) return <Waiting />
  const items = changes.data?.pages.flatMap(page => page.items) ?? []
  return (
    <Stack gap="md" mt="md">
      {items.map(({ entry_id, before, after }) => (
        <Stack key={entry_id} gap={6}>
          <Divider />
          <Text size="sm" fw={600}>
            {titleOf(after ?? before)}
          </Text>
          <ChangeView before={before} after={after} />
        </Stack>
      ))}
      <ProblemAlert error={changes.error} onRetry={() => void changes.refetch()} />
      <More query={changes} />
    </Stack>
  )
}

function titleOf(content: Content | null): string {
  return content ? content.question || content.answer.slice(0, 80) : ""
}
