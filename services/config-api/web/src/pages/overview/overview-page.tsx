import { SimpleGrid, Stack } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { concerns } from "./attention"
import { ChartCard } from "./chart-card"
import { Concerns } from "./concerns"
import { Figures } from "./figures"
import { FirstDay } from "./first-day"
import { GapsCard } from "./gaps-card"
import { Headline } from "./headline"
import { MailboxesCard } from "./mailboxes-card"
import { ReasonsCard } from "./reasons-card"
import { Scope } from "./scope"
import type { OverviewSearch } from "./search"
import { type House, useHouse } from "./use-house"
import { useFailedLately, useNothingYet, useOverview } from "./use-overview"

interface OverviewPageProps {
  organisationId: string
  search: OverviewSearch
  onSearch: (search: OverviewSearch) => void
}

/** How it is, what needs attention, and what the period was like. */
export function OverviewPage({ organisationId, search, onSearch }: OverviewPageProps) {
  const { t } = useTranslation("overview")
  const house = useHouse(organisationId)
  const overview = useOverview(organisationId, search)
  const nothingYet = useNothingYet(organisationId)
  const all = concerns(house, useFailedLately(organisationId, search.assistant))
  // On the first day this is the first step anyway.
  const found = nothingYet ? all.filter(({ kind }) => kind !== "noMailbox") : all
  return (
    <>
      <PageHeader title={t("title")} text={house.organisation?.name}>
        {nothingYet === false && <Scope assistants={house.assistants} search={search} onChange={onSearch} />}
      </PageHeader>
      <Stack gap="xl">
        {overview.data && house.mailboxes && nothingYet === false && (
          <Headline draftedToday={overview.data.days.at(-1)?.drafted ?? 0} concerns={found.length} />
        )}
        <Concerns organisationId={organisationId} found={found} search={search} />
        <ProblemAlert error={overview.error} onRetry={() => void overview.refetch()} />
        {nothingYet && <FirstDay organisationId={organisationId} house={house} />}
        {overview.isPending && <Waiting />}
        {overview.data && nothingYet === false && (
          <Period {...{ organisationId, search, house }} overview={overview.data} />
        )}
        {nothingYet && house.mailboxes && (
          <MailboxesCard organisationId={organisationId} mailboxes={house.mailboxes} />
        )}
      </Stack>
    </>
  )
}

interface PeriodProps {
  organisationId: string
  search: OverviewSearch
  house: House
  overview: Schema<"Overview">
}

function Period({ organisationId, search, house, overview }: PeriodProps) {
  return (
    <>
      <Figures overview={overview} />
      <ChartCard days={overview.days} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl" verticalSpacing="xl">
        <ReasonsCard organisationId={organisationId} reasons={overview.reasons} search={search} />
        {house.mailboxes && <MailboxesCard organisationId={organisationId} mailboxes={house.mailboxes} />}
      </SimpleGrid>
      <GapsCard
        organisationId={organisationId}
        overview={overview}
        assistantId={search.assistant ?? house.assistants[0]?.id}
      />
    </>
  )
}
