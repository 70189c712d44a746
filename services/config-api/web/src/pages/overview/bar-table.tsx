import { ScrollArea, Table } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useFormats } from "@/app/format"
import type { Bar } from "./bars"
import { useBarName } from "./use-bar-name"

/** The chart in figures, newest first. */
export function BarTable({ bars }: { bars: Bar[] }) {
  const { t } = useTranslation("overview")
  const { number } = useFormats()
  const barName = useBarName()
  return (
    <ScrollArea.Autosize
      mah={320}
      viewportProps={{ tabIndex: 0, role: "region", "aria-label": t("chart.table") }}
    >
      <Table stickyHeader aria-label={t("chart.table")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("chart.when")}</Table.Th>
            <Table.Th ta="right">{t("chart.drafted")}</Table.Th>
            <Table.Th ta="right">{t("chart.skipped")}</Table.Th>
            <Table.Th ta="right">{t("chart.failed")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {bars.toReversed().map(bar => (
            <Table.Tr key={bar.first}>
              <Table.Th scope="row" fw={400}>
                {barName(bar)}
              </Table.Th>
              <Table.Td ta="right">{number(bar.drafted)}</Table.Td>
              <Table.Td ta="right">{number(bar.skipped)}</Table.Td>
              <Table.Td ta="right">{number(bar.failed)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  )
}
