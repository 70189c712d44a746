import { Card, Center, Group, Loader, SegmentedControl, Text, Title } from "@mantine/core"
import { lazy, Suspense, useEffect, useState } from "react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { BarTable } from "./bar-table"
import { barsOf } from "./bars"

// Charts are heavy, and the page is of use without them: they are loaded once it can be seen.
const BarPicture = lazy(() => import("./bar-picture"))

/** What became of the mail of each day, as a chart or as a table. */
export function ChartCard({ days }: { days: Schema<"OverviewDay">[] }) {
  const { t } = useTranslation("overview")
  const [shown, setShown] = useState("chart")
  const seen = useSeen()
  const bars = barsOf(days)
  const quiet = bars.every(({ drafted, skipped, failed }) => drafted + skipped + failed === 0)
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="chart-title">
      <Group justify="space-between" mb="md">
        <Title order={2} size="h4" id="chart-title">
          {bars.length < days.length ? t("chart.weeks") : t("chart.days")}
        </Title>
        <SegmentedControl
          size="xs"
          value={shown}
          onChange={setShown}
          aria-label={t("chart.shown")}
          data={[
            { value: "chart", label: t("chart.chart") },
            { value: "table", label: t("chart.table") },
          ]}
        />
      </Group>
      {quiet && <Text c="dimmed">{t("chart.nothing")}</Text>}
      {!quiet && shown === "table" && <BarTable bars={bars} />}
      {!quiet && shown === "chart" && (
        <Suspense fallback={<Waiting />}>{seen ? <BarPicture bars={bars} /> : <Waiting />}</Suspense>
      )}
    </Card>
  )
}

/** Whether what was rendered with this has been painted: a frame begins, and its task ends with the paint. */
function useSeen() {
  const [seen, setSeen] = useState(false)
  useEffect(() => {
    let task: ReturnType<typeof setTimeout>
    const frame = requestAnimationFrame(() => {
      task = setTimeout(() => setSeen(true))
    })
    return () => {
      cancelAnimationFrame(frame)
      clearTimeout(task)
    }
  }, [])
  return seen
}

function Waiting() {
  return (
    <Center h={280}>
      <Loader />
    </Center>
  )
}
