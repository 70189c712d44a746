import { Button, Center } from "@mantine/core"
import { useTranslation } from "react-i18next"

interface MoreProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
}

/** The rest of a list that comes in pages. */
export function More({ query }: MoreProps) {
  const { t } = useTranslation()
  if (!query.hasNextPage) return null
  return (
    <Center mt="md">
      <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {t("more")}
      </Button>
    </Center>
  )
}

/** For `api.useInfiniteQuery`: how the API names the next page. */
export const BY_CURSOR = {
  pageParamName: "cursor",
  initialPageParam: null as string | null, // undefined would become a 0
  getNextPageParam: (page: { next_cursor: string | null }) => page.next_cursor ?? undefined,
}
