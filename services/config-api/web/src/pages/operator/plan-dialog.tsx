import { Button, Group, Modal, NativeSelect, NumberInput, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useRefresh } from "@/app/refresh"
import { showFaults } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { told } from "@/components/tell"
import { Waiting } from "@/components/waiting"

const PLAN = "/api/v1/organisations/{organisation_id}/plan"

interface PlanDialogProps {
  organisation: Schema<"OrganisationPublic">
  onClose: () => void
}

/** The organisation's plan and limits, to be granted by the operator. */
export function PlanDialog({ organisation, onClose }: PlanDialogProps) {
  const { t } = useTranslation(["operator", "common"])
  const params = { path: { organisation_id: organisation.id } }
  const { data, error } = api.useQuery("get", PLAN, { params })
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("plan.title", { name: organisation.name })}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <ProblemAlert error={error} />
      {data ? <PlanForm key={data.kind} plan={data} onDone={onClose} /> : <Waiting />}
    </Modal>
  )
}

function PlanForm({ plan, onDone }: { plan: Schema<"PlanPublic">; onDone: () => void }) {
  const { t } = useTranslation("operator")
  const refresh = useRefresh()
  const form = useForm({
    initialValues: {
      kind: plan.kind,
      max_assistants: plan.max_assistants,
      max_mailboxes: plan.max_mailboxes,
      trial_ends_at: plan.trial_ends_at?.slice(0, 10) ?? "",
    },
  })
  const grant = api.useMutation("patch", "/api/v1/operator/organisations/{organisation_id}/plan", {
    onSuccess: async () => {
      told(t("plan.saved"))
      onDone()
      await refresh(PLAN)
    },
    onError: error => showFaults(form, error),
  })
  const send = ({ trial_ends_at, ...values }: typeof form.values) => {
    const ends =
      values.kind === "trial" && trial_ends_at ? { trial_ends_at: `${trial_ends_at}T23:59:59Z` } : {}
    grant.mutate({
      params: { path: { organisation_id: plan.organisation_id } },
      body: { ...values, ...ends },
    })
  }
  const kinds = (["trial", "standard", "ended"] as const).map(value => ({
    value,
    label: t(`plan.kind.${value}`),
  }))
  return (
    <form noValidate onSubmit={form.onSubmit(send)}>
      <Stack>
        <NativeSelect label={t("plan.kindLabel")} data={kinds} {...form.getInputProps("kind")} />
        {form.values.kind === "trial" && (
          <TextInput type="date" label={t("plan.trialEnds")} {...form.getInputProps("trial_ends_at")} />
        )}
        <NumberInput label={t("plan.maxAssistants")} min={0} {...form.getInputProps("max_assistants")} />
        <NumberInput label={t("plan.maxMailboxes")} min={0} {...form.getInputProps("max_mailboxes")} />
        <ProblemAlert error={grant.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={grant.isPending}>
            {t("plan.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
