import { Badge, Button, Card, Group, Stack, Text } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { LinkAnchor } from "@/components/links"
import { BY_CURSOR, More } from "@/components/more"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { PlanDialog } from "@/pages/operator/plan-dialog"

export function OrganisationsPage() {
  const { t } = useTranslation("operator")
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/organisations",
    { params: { query: { limit: 50 } } },
    BY_CURSOR,
  )
  const [chosen, choose] = useState<Schema<"OrganisationPublic">>()
  return (
    <>
      <PageHeader title={t("organisations.title")} text={t("organisations.text")} />
      <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Waiting />}
      <Stack component="ul" gap="xs" p={0} m={0}>
        {query.data?.pages
          .flatMap(page => page.items)
          .map(organisation => (
            <Organisation
              key={organisation.id}
              organisation={organisation}
              onPlan={() => choose(organisation)}
            />
          ))}
      </Stack>
      <More query={query} />
      {chosen && <PlanDialog organisation={chosen} onClose={() => choose(undefined)} />}
    </>
  )
}

interface OrganisationProps {
  organisation: Schema<"OrganisationPublic">
  onPlan: () => void
}

function Organisation({ organisation, onPlan }: OrganisationProps) {
  const { t } = useTranslation("operator")
  const { date } = useFormats()
  return (
    <Card withBorder component="li" padding="sm">
      <Group justify="space-between">
        <Stack gap={0}>
          <Group gap="xs">
            <LinkAnchor
              to="/organisations/$organisationId"
              params={{ organisationId: organisation.id }}
              fw={550}
            >
              {organisation.name}
            </LinkAnchor>
            {!organisation.active && <Badge color="gray">{t("organisations.off")}</Badge>}
            {organisation.erase_at && <Badge color="red">{t("organisations.leaving")}</Badge>}
          </Group>
          <Text size="sm" c="dimmed">
            {[organisation.email, t("since", { when: date(organisation.created_at) })]
              .filter(Boolean)
              .join(" · ")}
          </Text>
        </Stack>
        <Button
          variant="default"
          size="compact-md"
          aria-label={t("organisations.planOf", { name: organisation.name })}
          onClick={onPlan}
        >
          {t("organisations.plan")}
        </Button>
      </Group>
    </Card>
  )
}
