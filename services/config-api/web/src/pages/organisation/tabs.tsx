import { Group } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { LinkButton } from "@/components/links"

const TABS = [
  ["settings", "/organisations/$organisationId/settings"],
  ["members", "/organisations/$organisationId/members"],
  ["plan", "/organisations/$organisationId/plan"],
  ["keys", "/organisations/$organisationId/keys"],
] as const

/** The pages about the organisation itself; links, so that the back button works. */
export function OrganisationTabs({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("organisation")
  return (
    <Group component="nav" aria-label={t("tabs.label")} gap={4} mb="lg">
      {TABS.map(([name, to]) => (
        <LinkButton
          key={name}
          to={to}
          params={{ organisationId }}
          variant="subtle"
          size="compact-md"
          activeProps={{ variant: "light" }}
        >
          {t(`tabs.${name}`)}
        </LinkButton>
      ))}
    </Group>
  )
}
