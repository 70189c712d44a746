import { Badge, Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core"
import { IconCheck, IconX } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { PageHeader } from "@/components/page-header"

const EVERY_MS = 10_000

export function HealthPage() {
  const { t } = useTranslation("operator")
  const { data } = api.useSuspenseQuery("get", "/api/v1/operator/health", {}, { refetchInterval: EVERY_MS })
  return (
    <>
      <PageHeader title={t("health.title")} text={t("health.text")} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {data.map(service => (
          <Service key={service.name} service={service} />
        ))}
      </SimpleGrid>
    </>
  )
}

function Service({ service }: { service: Schema<"ServiceHealth"> }) {
  const { t } = useTranslation("operator")
  return (
    <Card withBorder component="section">
      <Group justify="space-between">
        <Title order={2} size="h5">
          {t(`health.service.${service.name}`, service.name)}
        </Title>
        <State well={service.reachable} yes={t("health.answers")} no={t("health.silent")} />
      </Group>
      <Stack component="ul" gap={4} mt="sm" mb={0} pl={0}>
        {Object.entries(service.checks).map(([name, well]) => (
          <Group key={name} component="li" justify="space-between">
            <Text size="sm">{t(`health.check.${name}`, name)}</Text>
            <State well={well} yes={t("health.well")} no={t("health.unwell")} />
          </Group>
        ))}
      </Stack>
    </Card>
  )
}

function State({ well, yes, no }: { well: boolean; yes: string; no: string }) {
  const icon = well ? <IconCheck size={14} aria-hidden /> : <IconX size={14} aria-hidden />
  return (
    <Badge color={well ? "green" : "red"} variant="light" leftSection={icon}>
      {well ? yes : no}
    </Badge>
  )
}
