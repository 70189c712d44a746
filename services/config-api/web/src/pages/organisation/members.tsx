import { Button, Card, Group, NativeSelect, Stack, Text } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useAccount, useForgetEverything } from "@/app/account"
import { useRefresh } from "@/app/refresh"
import { useSentence } from "@/components/problem-alert"
import { askFirst, complained, told } from "@/components/tell"

const LIST = "/api/v1/organisations/{organisation_id}/members"
const ONE = "/api/v1/organisations/{organisation_id}/members/{account_id}"

interface MembersProps {
  organisationId: string
  owner: boolean
}

export function Members({ organisationId, owner }: MembersProps) {
  const { t } = useTranslation("organisation")
  const params = { path: { organisation_id: organisationId }, query: { limit: 200 } }
  const { data } = api.useSuspenseQuery("get", LIST, { params })
  return (
    <Stack component="ul" gap="xs" p={0} m={0} aria-label={t("members.title")}>
      {data.items.map(member => (
        <MemberRow key={member.id} member={member} organisationId={organisationId} owner={owner} />
      ))}
    </Stack>
  )
}

interface MemberRowProps extends MembersProps {
  member: Schema<"MemberPublic">
}

function MemberRow({ member, organisationId, owner }: MemberRowProps) {
  const { t } = useTranslation("organisation")
  const change = useRoleChange(member, organisationId)
  const name = [member.first_name, member.last_name].join(" ").trim() || member.user_name
  const roles = (["owner", "member"] as const).map(value => ({ value, label: t(`members.role.${value}`) }))
  return (
    <Card withBorder component="li" padding="sm">
      <Group justify="space-between" gap="sm">
        <Stack gap={0} miw={0}>
          <Text fw={550}>{name}</Text>
          <Text size="sm" c="dimmed">
            {member.email}
          </Text>
        </Stack>
        <Group gap="xs">
          {owner ? (
            <NativeSelect
              aria-label={t("members.roleOf", { name })}
              data={roles}
              value={member.role}
              disabled={change.isPending}
              onChange={event => change.to(event.currentTarget.value as "owner" | "member")}
            />
          ) : (
            <Text size="sm">{t(`members.role.${member.role}`)}</Text>
          )}
          <RemoveButton member={member} name={name} organisationId={organisationId} owner={owner} />
        </Group>
      </Group>
    </Card>
  )
}

function useRoleChange(member: Schema<"MemberPublic">, organisationId: string) {
  const { t } = useTranslation("organisation")
  const sentence = useSentence()
  const refresh = useRefresh()
  const params = { path: { organisation_id: organisationId, account_id: member.id } }
  const update = api.useMutation("patch", ONE, {
    onSuccess: () => refresh(LIST, "/api/v1/organisations/{organisation_id}", "/api/v1/organisations"),
    onError: error => complained(sentence(error)),
  })
  const to = (role: "owner" | "member", undoable = true) =>
    update.mutate(
      { params, body: { role } },
      { onSuccess: () => told(t("members.changed"), undoable ? () => to(member.role, false) : undefined) },
    )
  return { to, isPending: update.isPending }
}

/** Takes somebody out; beside one's own name it is the way to leave. */
function RemoveButton({ member, name, organisationId, owner }: MemberRowProps & { name: string }) {
  const { t } = useTranslation("organisation")
  const self = useAccount().id === member.id
  const sentence = useSentence()
  const refresh = useRefresh()
  const navigate = useNavigate()
  const forget = useForgetEverything()
  const remove = api.useMutation("delete", ONE, {
    onSuccess: async () => {
      if (!self) return refresh(LIST)
      forget()
      await navigate({ to: "/home" })
    },
    onError: error => complained(sentence(error)),
  })
  if (!owner && !self) return null
  const words = self ? "leave" : "remove"
  const ask = () =>
    askFirst({
      title: t(`members.${words}Title`, { name }),
      text: t(`members.${words}Text`),
      confirm: t(`members.${words}`),
      onConfirm: () =>
        remove.mutate({ params: { path: { organisation_id: organisationId, account_id: member.id } } }),
    })
  return (
    <Button variant="subtle" color="red" size="compact-sm" loading={remove.isPending} onClick={ask}>
      {t(`members.${words}`)}
    </Button>
  )
}
