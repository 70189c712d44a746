import { Alert, Button, Card, Stack, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { useRefresh } from "@/app/refresh"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { told } from "@/components/tell"
import { Statements } from "@/pages/organisation/statements"
import { useOrganisation } from "@/pages/organisation/use-organisation"

const PLAN = "/api/v1/organisations/{organisation_id}/plan"

export function PlanPage({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("organisation")
  const { owner } = useOrganisation(organisationId)
  const params = { path: { organisation_id: organisationId } }
  const { data: plan } = api.useSuspenseQuery("get", PLAN, { params })
  return (
    <>
      <PageHeader title={t("plan.title")} />
      <Stack gap="xl" maw={860}>
        <Plan plan={plan} owner={owner} />
        <Statements organisationId={organisationId} />
      </Stack>
    </>
  )
}

function Plan({ plan, owner }: { plan: Schema<"PlanPublic">; owner: boolean }) {
  const { t } = useTranslation("organisation")
  const { money } = useFormats()
  return (
    <Card withBorder padding="lg" component="section">
      <Stack align="flex-start">
        <Title order={2} size="h4">
          {t(`plan.kind.${plan.kind}`)}
        </Title>
        <Ending plan={plan} />
        <Text>
          {t("plan.uses", {
            assistants: plan.assistants,
            maxAssistants: plan.max_assistants,
            mailboxes: plan.mailboxes,
            maxMailboxes: plan.max_mailboxes,
          })}
        </Text>
        <Text>
          {t("plan.price", { price: money(plan.price_per_assistant), vat: Number(plan.vat_percent) })}
        </Text>
        {plan.kind !== "standard" && owner && <Upgrade plan={plan} />}
      </Stack>
    </Card>
  )
}

function Ending({ plan }: { plan: Schema<"PlanPublic"> }) {
  const { t } = useTranslation("organisation")
  const { date } = useFormats()
  if (plan.ended_at) {
    return <Alert color="red">{t("plan.ended", { when: date(plan.ended_at) })}</Alert>
  }
  if (plan.kind === "trial" && plan.trial_ends_at) {
    return <Text>{t("plan.trialEnds", { when: date(plan.trial_ends_at) })}</Text>
  }
  return null
}

function Upgrade({ plan }: { plan: Schema<"PlanPublic"> }) {
  const { t } = useTranslation("organisation")
  const refresh = useRefresh()
  const upgrade = api.useMutation("post", `${PLAN}/upgrade`, {
    onSuccess: async () => {
      told(t("plan.upgraded"))
      await refresh(PLAN, "/api/v1/organisations/{organisation_id}/assistants")
    },
  })
  const body = { price_terms: plan.price_terms }
  return (
    <>
      <Text size="sm" c="dimmed">
        {t("plan.upgradeText")}
      </Text>
      <Button
        loading={upgrade.isPending}
        onClick={() => upgrade.mutate({ params: { path: { organisation_id: plan.organisation_id } }, body })}
      >
        {t("plan.upgrade")}
      </Button>
      <ProblemAlert error={upgrade.error} />
    </>
  )
}
