import { Card, Group, List, Skeleton, Stack, Text, ThemeIcon } from "@mantine/core"
import { IconCheck } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { useSiteQuery } from "@/app/site"
import { ProblemAlert } from "@/components/problem-alert"
import { Section } from "@/pages/welcome/section"
import { StartButton } from "@/pages/welcome/start-button"
import classes from "@/pages/welcome/welcome.module.css"

const INCLUDED = ["trial", "choice", "off", "everything"] as const

export function Price() {
  const { t } = useTranslation("welcome")
  const site = useSiteQuery()
  return (
    <Section band title={t("price.title")} text={t("price.text")}>
      <Card withBorder radius="lg" padding={0} maw={860}>
        <Group align="stretch" gap="xl" p={{ base: "lg", sm: 40 }}>
          <Stack flex="1 1 260px" gap="sm" justify="space-between">
            {site.data && <Amount site={site.data} />}
            {site.isPending && <Skeleton h={96} />}
            <ProblemAlert error={site.error} onRetry={() => void site.refetch()} />
            <div>
              <StartButton />
            </div>
          </Stack>
          <List flex="1 1 300px" spacing="sm" icon={<Check />}>
            {INCLUDED.map(line => (
              <List.Item key={line}>{t(`price.${line}`, { days: site.data?.trial_days ?? 30 })}</List.Item>
            ))}
          </List>
        </Group>
      </Card>
    </Section>
  )
}

function Amount({ site }: { site: Schema<"Site"> }) {
  const { t } = useTranslation("welcome")
  const { money, number } = useFormats()
  const net = Number(site.price_per_assistant)
  if (net === 0) return <Text className={classes.price}>{t("price.free")}</Text>
  const percent = Number(site.vat_percent)
  const gross = money(net * (1 + percent / 100))
  return (
    <div>
      <Text className={classes.price} fw={700} lh={1.2}>
        {money(net)}
      </Text>
      <Text fw={500}>{t("price.per")}</Text>
      {percent > 0 && (
        <Text size="sm" c="dimmed">
          {t("price.vat", { percent: number(percent), gross })}
        </Text>
      )}
    </div>
  )
}

function Check() {
  return (
    <ThemeIcon size={26} radius="xl" variant="light" aria-hidden>
      <IconCheck size={16} />
    </ThemeIcon>
  )
}
