import { Badge, Button, Card, Group, Menu, Stack, Text, TextInput } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { IconSearch, IconUsers } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useFormats } from "@/app/format"
import { EmptyState } from "@/components/empty-state"
import { BY_CURSOR, More } from "@/components/more"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { useAccountActions } from "@/pages/operator/use-account-actions"

export function AccountsPage() {
  const { t } = useTranslation("operator")
  const [typed, type] = useState("")
  const [search] = useDebouncedValue(typed, 300)
  const query = api.useInfiniteQuery(
    "get",
    "/api/v1/operator/accounts",
    { params: { query: { search, limit: 50 } } },
    BY_CURSOR,
  )
  const accounts = query.data?.pages.flatMap(page => page.items) ?? []
  return (
    <>
      <PageHeader title={t("accounts.title")} />
      <TextInput
        label={t("accounts.search")}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={event => type(event.currentTarget.value)}
        maw={420}
        mb="md"
        maxLength={200}
      />
      <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Waiting />}
      {query.isSuccess && accounts.length === 0 && (
        <EmptyState icon={IconUsers} title={t("accounts.none")} text={t("accounts.noneText")} />
      )}
      <Stack component="ul" gap="xs" p={0} m={0}>
        {accounts.map(account => (
          <Account key={account.id} account={account} />
        ))}
      </Stack>
      <More query={query} />
    </>
  )
}

function Account({ account }: { account: Schema<"AccountForOperator"> }) {
  const { t } = useTranslation("operator")
  const { date } = useFormats()
  return (
    <Card withBorder component="li" padding="sm">
      <Group justify="space-between">
        <Stack gap={0} miw={0}>
          <Group gap="xs">
            <Text fw={550}>{account.user_name}</Text>
            {account.operator && <Badge variant="light">{t("accounts.operator")}</Badge>}
            {!account.active && (
              <Badge color="red" variant="light">
                {t("accounts.locked")}
              </Badge>
            )}
            {!account.confirmed_at && (
              <Badge color="gray" variant="light">
                {t("accounts.unconfirmed")}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {[account.email, t("since", { when: date(account.created_at) })].filter(Boolean).join(" · ")}
          </Text>
        </Stack>
        <AccountMenu account={account} />
      </Group>
    </Card>
  )
}

function AccountMenu({ account }: { account: Schema<"AccountForOperator"> }) {
  const { t } = useTranslation("operator")
  const { change, remove, isPending } = useAccountActions(account)
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          size="compact-md"
          loading={isPending}
          aria-label={t("accounts.actionsFor", { name: account.user_name })}
        >
          {t("accounts.actions")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => change({ active: !account.active })}>
          {account.active ? t("accounts.lock") : t("accounts.unlock")}
        </Menu.Item>
        <Menu.Item onClick={() => change({ operator: !account.operator })}>
          {account.operator ? t("accounts.noOperator") : t("accounts.makeOperator")}
        </Menu.Item>
        <Menu.Item c="var(--mantine-color-error)" onClick={remove}>
          {t("accounts.delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
