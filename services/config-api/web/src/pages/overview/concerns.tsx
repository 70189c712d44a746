import { Alert, Group, Stack, Text } from "@mantine/core"
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { useFormats } from "@/app/format"
import { LinkButton } from "@/components/links"
import type { Concern } from "./attention"
import { LATELY, type OverviewSearch } from "./search"
import { useMailboxReason } from "./use-mailbox-reason"

interface ConcernsProps {
  organisationId: string
  found: Concern[]
  search: OverviewSearch
}

export function Concerns({ organisationId, found, search }: ConcernsProps) {
  const { t } = useTranslation("overview")
  if (found.length === 0) return null
  return (
    <Stack component="section" aria-label={t("attention.title")} gap="sm">
      {found.map(concern => (
        <OneConcern key={`${concern.kind} ${concern.name ?? ""}`} {...{ concern, organisationId, search }} />
      ))}
    </Stack>
  )
}

interface OneConcernProps {
  concern: Concern
  organisationId: string
  search: OverviewSearch
}

function OneConcern({ concern, organisationId, search }: OneConcernProps) {
  const { t } = useTranslation("overview")
  const { dateTime, date } = useFormats()
  const why = useMailboxReason()
  const { kind, level, name, reason, moment, count } = concern
  const text = t(`attention.${kind}`, {
    name,
    count,
    why: reason ? why(reason) : "",
    date: moment && date(moment),
    moment: moment && dateTime(moment),
  })
  const Picture = level === "red" ? IconAlertTriangle : IconInfoCircle
  return (
    <Alert color={level} variant="light" icon={<Picture aria-hidden />} role="note">
      <Group justify="space-between" gap="sm">
        <Text size="sm" flex="1 1 240px">
          {text}
        </Text>
        <WayOn {...{ concern, organisationId, search }} />
      </Group>
    </Alert>
  )
}

/** To where it can be put right. */
function WayOn({ concern: { leads, assistantId = "" }, organisationId, search }: OneConcernProps) {
  const { t } = useTranslation("overview")
  const look = { size: "xs", variant: "default" } as const
  switch (leads) {
    case "mailboxes":
      return (
        <LinkButton {...look} to="/organisations/$organisationId/mailboxes" params={{ organisationId }}>
          {t("leads.mailboxes")}
        </LinkButton>
      )
    case "plan":
      return (
        <LinkButton {...look} to="/organisations/$organisationId/plan" params={{ organisationId }}>
          {t("leads.plan")}
        </LinkButton>
      )
    case "settings":
      return (
        <LinkButton {...look} to="/organisations/$organisationId/settings" params={{ organisationId }}>
          {t("leads.settings")}
        </LinkButton>
      )
    case "assistant":
      return (
        <LinkButton
          {...look}
          to="/organisations/$organisationId/assistants/$assistantId"
          params={{ organisationId, assistantId }}
        >
          {t("leads.assistant")}
        </LinkButton>
      )
    case "failed":
      return (
        <LinkButton
          {...look}
          to="/organisations/$organisationId/activity"
          params={{ organisationId }}
          search={{ outcome: "failed", days: LATELY, assistant: search.assistant }}
        >
          {t("leads.failed")}
        </LinkButton>
      )
  }
}
