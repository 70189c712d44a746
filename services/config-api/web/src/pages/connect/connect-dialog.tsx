import { Button, Group, Modal, Stack, Text } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { toFirstFault } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { AdminLink } from "./admin-link"
import type { Attempt } from "./attempt"
import { Scopes } from "./scopes"
import { TeamChoice, type Whose } from "./team-choice"
import { useLeave } from "./use-leave"

interface ConnectDialogProps {
  provider: Schema<"ConnectableProvider">
  attempt: Omit<Attempt, "provider">
  onClose: () => void
}

/** Before somebody leaves for their provider's pages: what will be asked there, and why. */
export function ConnectDialog({ provider, attempt, onClose }: ConnectDialogProps) {
  const { t } = useTranslation(["connect", "common"])
  const rules = useRules()
  const { leave, leaving, error } = useLeave()
  const form = useForm<Whose>({
    initialValues: { whose: attempt.team ? "team" : "own", team: attempt.team },
    validate: { team: (value, { whose }) => (whose === "team" ? rules.email(value) : null) },
  })
  const team = form.values.whose === "team"
  const go = ({ team: address }: Whose) =>
    leave({ ...attempt, provider: provider.provider, team: team ? address.trim() : "" })
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t(`with.${provider.provider}`)}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <form noValidate onSubmit={form.onSubmit(go, toFirstFault(form))}>
        <Stack>
          {provider.team_mailboxes && !attempt.mailbox && <TeamChoice form={form} />}
          <Text size="sm">{t("asked", { name: provider.name })}</Text>
          <Scopes provider={provider} team={team} />
          {provider.admin_consent_url && <AdminLink url={provider.admin_consent_url} />}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("common:cancel")}
            </Button>
            <Button type="submit" loading={leaving}>
              {t("goOn", { name: provider.name })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
