import { ActionIcon, Button, Group, Menu } from "@mantine/core"
import { IconDots, IconDownload, IconHistory, IconPlus, IconUpload } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { LinkMenuItem } from "@/components/links"
import { PageHeader } from "@/components/page-header"
import type { Place } from "./data/place"
import { EXPORTS, useExport } from "./import/use-export"

interface KnowledgeHeaderProps {
  place: Place
  empty: boolean
  onNew: () => void
}

export function KnowledgeHeader({ place, empty, onNew }: KnowledgeHeaderProps) {
  const { t } = useTranslation("knowledge")
  const exported = useExport(place)
  const params = { organisationId: place.organisation_id, assistantId: place.assistant_id }
  return (
    <PageHeader title={t("title")} text={t("text")}>
      <Group gap="xs" wrap="nowrap">
        {!empty && (
          <Button leftSection={<IconPlus size={18} />} onClick={onNew}>
            {t("newEntry")}
          </Button>
        )}
        <Menu position="bottom-end" width={260} withInitialFocusPlaceholder={false}>
          <Menu.Target>
            <ActionIcon
              variant="default"
              size={36}
              aria-label={t("more")}
              title={t("more")}
              loading={exported.isPending}
            >
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <LinkMenuItem
              to="/organisations/$organisationId/assistants/$assistantId/knowledge/import"
              params={params}
              leftSection={<IconUpload size={16} />}
            >
              {t("import.link")}
            </LinkMenuItem>
            <LinkMenuItem
              to="/organisations/$organisationId/assistants/$assistantId/knowledge/history"
              params={params}
              leftSection={<IconHistory size={16} />}
            >
              {t("history.link")}
            </LinkMenuItem>
            {!empty && <Menu.Divider />}
            {!empty && <Menu.Label>{t("export.label")}</Menu.Label>}
            {!empty &&
              EXPORTS.map(format => (
                <Menu.Item
                  key={format}
                  leftSection={<IconDownload size={16} />}
                  onClick={() => exported.mutate(format)}
                >
                  {t(`export.${format}`)}
                </Menu.Item>
              ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
    </PageHeader>
  )
}
