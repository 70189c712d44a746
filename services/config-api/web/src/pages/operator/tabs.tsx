import { Group } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { LinkButton } from "@/components/links"

const TABS = [
  ["health", "/operator"],
  ["organisations", "/operator/organisations"],
  ["accounts", "/operator/accounts"],
  ["locks", "/operator/locks"],
  ["audit", "/operator/audit"],
  ["holds", "/operator/holds"],
] as const

export function OperatorTabs() {
  const { t } = useTranslation("operator")
  return (
    <Group component="nav" aria-label={t("tabs.label")} gap={4} mb="lg">
      {TABS.map(([name, to]) => (
        <LinkButton
          key={name}
          to={to}
          variant="subtle"
          size="compact-md"
          activeOptions={{ exact: true }}
          activeProps={{ variant: "light" }}
        >
          {t(`tabs.${name}`)}
        </LinkButton>
      ))}
    </Group>
  )
}
