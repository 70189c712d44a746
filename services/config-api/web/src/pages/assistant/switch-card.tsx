import { Alert, Card, Stack, Switch, Text } from "@mantine/core"
import { IconPlayerPause } from "@tabler/icons-react"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { LinkAnchor } from "@/components/links"
import { useSentence } from "@/components/problem-alert"
import { complained, told } from "@/components/tell"
import { useChange } from "./use-change"

interface SwitchCardProps {
  assistant: Schema<"AssistantPublic">
  organisation: Schema<"OrganisationPublic"> | undefined
}

/** On and off, and whatever else keeps it from working. */
export function SwitchCard({ assistant, organisation }: SwitchCardProps) {
  const { t } = useTranslation("assistant")
  const sentence = useSentence()
  const change = useChange()
  const params = { path: { organisation_id: assistant.organisation_id, assistant_id: assistant.id } }
  const turn = async (active: boolean) => {
    const to = (active: boolean) =>
      change.mutateAsync({ params, body: { active } }).catch(error => complained(sentence(error)))
    if (await to(active)) told(active ? t("active.turnedOn") : t("active.turnedOff"), () => void to(!active))
  }
  return (
    <Card withBorder radius="md" p="lg">
      <Stack>
        <Switch
          size="md"
          label={<Text fw={600}>{t("active.label")}</Text>}
          description={assistant.active ? t("active.on") : t("active.off")}
          checked={assistant.active}
          disabled={change.isPending}
          onChange={event => void turn(event.currentTarget.checked)}
        />
        <Limits assistant={assistant} />
        <Organisation assistant={assistant} organisation={organisation} />
      </Stack>
    </Card>
  )
}

function Limits({ assistant }: { assistant: Schema<"AssistantPublic"> }) {
  const { t } = useTranslation("assistant")
  const formats = useFormats()
  const { paused_until, paused_reason } = assistant
  if (!paused_until) return null
  const until = { time: formats.dateTime(paused_until) }
  if (paused_reason === "token_budget") {
    return (
      <Paused title={t("paused.budget")}>
        {t("paused.budgetText", until)} <a href="#limits">{t("paused.raiseBudget")}</a>
      </Paused>
    )
  }
  return (
    <Paused title={t("paused.daily", { count: assistant.daily_limit ?? 0 })}>
      {t("paused.dailyText", until)} <a href="#limits">{t("paused.raiseDaily")}</a>
    </Paused>
  )
}

/** The plan is over, or the organisation is off: the assistant alone cannot help that. */
function Organisation({ assistant, organisation }: SwitchCardProps) {
  const { t } = useTranslation("assistant")
  const organisationId = assistant.organisation_id
  const path = { organisation_id: organisationId }
  const plan = api.useQuery("get", "/api/v1/organisations/{organisation_id}/plan", { params: { path } })
  const off = organisation && (!organisation.active || organisation.restricted_at || organisation.erase_at)
  if (!off && plan.data?.active !== false) return null
  return (
    <Paused title={off ? t("paused.organisation") : t("paused.plan")}>
      {off ? t("paused.organisationText") : t("paused.planText")}{" "}
      <LinkAnchor
        to={off ? "/organisations/$organisationId/settings" : "/organisations/$organisationId/plan"}
        params={{ organisationId }}
        inherit
        underline="always"
      >
        {off ? t("paused.toOrganisation") : t("planFull.link")}
      </LinkAnchor>
    </Paused>
  )
}

function Paused({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Alert variant="light" color="yellow" icon={<IconPlayerPause aria-hidden />} title={title}>
      <Text size="sm">{children}</Text>
    </Alert>
  )
}
