import { Button, Group, Paper, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { useSiteQuery } from "@/app/site"

type Demo = NonNullable<Schema<"Site">["demo_mailbox"]>

/** On a machine that has one: a mailbox for those who want to look before they give their own. */
export function DemoHint({ onUse }: { onUse: (demo: Demo) => void }) {
  const { t } = useTranslation("mailboxes")
  const demo = useSiteQuery().data?.demo_mailbox
  if (!demo) return null
  return (
    <Paper withBorder radius="md" p="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm" flex="1 1 260px">
          {t("demo.text", { address: demo.address, password: demo.password })}
        </Text>
        <Button variant="light" onClick={() => onUse(demo)}>
          {t("demo.use")}
        </Button>
      </Group>
    </Paper>
  )
}
