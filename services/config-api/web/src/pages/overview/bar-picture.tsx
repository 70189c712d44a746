import { BarChart } from "@mantine/charts"
import "@mantine/charts/styles.css"
import { Box } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useFormats } from "@/app/format"
import type { Bar } from "./bars"
import { useBarName } from "./use-bar-name"

/** A default export, because it is loaded only when it is needed. */
export default function BarPicture({ bars }: { bars: Bar[] }) {
  const { t } = useTranslation("overview")
  const { number } = useFormats()
  const barName = useBarName()
  const data = bars.map(bar => ({ ...bar, name: barName(bar) }))
  const sum = (name: "drafted" | "skipped" | "failed") => bars.reduce((all, bar) => all + bar[name], 0)
  const label = t("chart.label", {
    drafted: number(sum("drafted")),
    skipped: number(sum("skipped")),
    failed: number(sum("failed")),
  })
  return (
    <Box role="img" aria-label={label}>
      <BarChart
        h={280}
        data={data}
        dataKey="name"
        type="stacked"
        series={[
          { name: "drafted", label: t("chart.drafted"), color: "petrol.6" },
          { name: "skipped", label: t("chart.skipped"), color: "gray.5" },
          { name: "failed", label: t("chart.failed"), color: "red.7" },
        ]}
        withLegend
        legendProps={{ verticalAlign: "bottom" }}
        tickLine="none"
        maxBarWidth={36}
        valueFormatter={value => number(value)}
        yAxisProps={{ allowDecimals: false, width: 32 }}
        xAxisProps={{ interval: "preserveStartEnd", minTickGap: 12 }}
        barProps={{ isAnimationActive: false }}
        barChartProps={{ accessibilityLayer: false }}
      />
    </Box>
  )
}
