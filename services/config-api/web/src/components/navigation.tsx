import { NavLink, ScrollArea, Select, Stack } from "@mantine/core"
import {
  IconActivity,
  IconBooks,
  IconBuilding,
  IconChartBar,
  IconMailbox,
  IconPlus,
  IconRefresh,
  IconRobot,
  IconWand,
} from "@tabler/icons-react"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useAssistantsQuery, useCurrent } from "@/app/current"
import { LinkNav } from "@/components/links"
import { SetUpLink } from "@/components/set-up-link"

/** The way to every page of one organisation, and of the assistant one is working on. */
export function Navigation() {
  const { t } = useTranslation()
  const { organisation, assistant } = useCurrent()
  if (!organisation) {
    return <LinkNav to="/start" label={t("nav.start")} leftSection={<IconPlus size={18} />} />
  }
  const of = { organisationId: organisation.id }
  return (
    <ScrollArea>
      <Stack gap={2}>
        <OrganisationSelect />
        <SetUpLink organisationId={organisation.id} />
        <LinkNav
          to="/organisations/$organisationId"
          params={of}
          activeOptions={{ exact: true }}
          label={t("nav.overview")}
          leftSection={<IconChartBar size={18} />}
        />
        <LinkNav
          to="/organisations/$organisationId/activity"
          params={of}
          label={t("nav.activity")}
          leftSection={<IconActivity size={18} />}
        />
        <AssistantSelect />
        <AssistantsAway organisationId={organisation.id} />
        {assistant && <AssistantLinks of={{ ...of, assistantId: assistant.id }} />}
        <LinkNav
          to="/organisations/$organisationId/mailboxes"
          params={of}
          label={t("nav.mailboxes")}
          leftSection={<IconMailbox size={18} />}
        />
        <LinkNav
          to="/organisations/$organisationId/settings"
          params={of}
          label={t("nav.organisation")}
          leftSection={<IconBuilding size={18} />}
        />
      </Stack>
    </ScrollArea>
  )
}

function AssistantLinks({ of }: { of: { organisationId: string; assistantId: string } }) {
  const { t } = useTranslation()
  return (
    <>
      <LinkNav
        to="/organisations/$organisationId/assistants/$assistantId/knowledge"
        params={of}
        label={t("nav.knowledge")}
        leftSection={<IconBooks size={18} />}
      />
      <LinkNav
        to="/organisations/$organisationId/assistants/$assistantId/playground"
        params={of}
        label={t("nav.playground")}
        leftSection={<IconWand size={18} />}
      />
      <LinkNav
        to="/organisations/$organisationId/assistants/$assistantId"
        params={of}
        activeOptions={{ exact: true }}
        label={t("nav.assistant")}
        leftSection={<IconRobot size={18} />}
      />
    </>
  )
}

/** In place of the assistant's links, where it is not known whether there is one. */
function AssistantsAway({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation()
  const { isLoadingError, refetch } = useAssistantsQuery(organisationId)
  if (!isLoadingError) return null
  return (
    <NavLink
      component="button"
      label={t("nav.assistantsAway")}
      leftSection={<IconRefresh size={18} />}
      onClick={() => void refetch()}
    />
  )
}

/** Shown to those who have a choice. */
function OrganisationSelect() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { organisation, organisations } = useCurrent()
  if (organisations.length < 2) return null
  return (
    <Select
      label={t("nav.organisation")}
      mb="sm"
      searchable={organisations.length > 8}
      allowDeselect={false}
      data={organisations.map(({ id, name }) => ({ value: id, label: name }))}
      value={organisation?.id ?? null}
      onChange={id =>
        id && void navigate({ to: "/organisations/$organisationId", params: { organisationId: id } })
      }
    />
  )
}

function AssistantSelect() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { organisation, assistant, assistants } = useCurrent()
  if (!organisation || assistants.length < 2) return null
  const open = (assistantId: string | null) =>
    assistantId &&
    void navigate({
      to: "/organisations/$organisationId/assistants/$assistantId",
      params: { organisationId: organisation.id, assistantId },
    })
  return (
    <Select
      label={t("nav.assistant")}
      my="sm"
      allowDeselect={false}
      data={assistants.map(({ id, name }) => ({ value: id, label: name }))}
      value={assistant?.id ?? null}
      onChange={open}
    />
  )
}
