import { Button, Collapse, Select, Stack, TagsInput, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useDisclosure } from "@mantine/hooks"
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useAssistants } from "@/app/current"
import { showFaults, toFirstFault, useKeptForm } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { told } from "@/components/tell"
import { useRefreshMailboxes } from "./use-mailbox"

type Values = Pick<
  Schema<"MailboxPublic">,
  "assistant_id" | "aliases" | "folder" | "drafts_folder" | "time_zone"
>

export function editable(mailbox: Schema<"MailboxPublic">): Values {
  const { assistant_id, aliases, folder, drafts_folder, time_zone } = mailbox
  return { assistant_id, aliases, folder, drafts_folder, time_zone }
}

/** What a mailbox's drafts are like; how it is opened is AccessForm's. */
export function EditForm({ mailbox }: { mailbox: Schema<"MailboxPublic"> }) {
  const { t } = useTranslation("mailboxes")
  const rules = useRules()
  const assistants = useAssistants(mailbox.organisation_id)
  const refresh = useRefreshMailboxes()
  const [folders, { toggle, open }] = useDisclosure()
  const form = useForm<Values>({
    initialValues: editable(mailbox),
    validate: { folder: rules.needed },
  })
  const kept = useKeptForm(form, `mailbox:${mailbox.id}`)
  const save = api.useMutation("patch", "/api/v1/organisations/{organisation_id}/mailboxes/{mailbox_id}", {
    onSuccess: async () => {
      kept()
      await refresh()
      told(t("saved"))
    },
    onError: error => {
      if (showFaults(form, error)) open()
    },
  })
  const path = { organisation_id: mailbox.organisation_id, mailbox_id: mailbox.id }
  const faults = toFirstFault(form)
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(
        body => save.mutate({ params: { path }, body }),
        found => {
          open()
          faults(found)
        },
      )}
    >
      <Stack>
        {assistants.length > 1 && (
          <Select
            label={t("edit.assistant")}
            description={t("edit.assistantText")}
            data={assistants.map(({ id, name }) => ({ value: id, label: name }))}
            allowDeselect={false}
            {...form.getInputProps("assistant_id")}
          />
        )}
        <TagsInput
          label={t("edit.aliases")}
          description={t("edit.aliasesText")}
          placeholder={t("edit.aliasesExample")}
          splitChars={[",", ";", " "]}
          maxTags={100}
          acceptValueOnBlur
          {...form.getInputProps("aliases")}
        />
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={toggle}
          aria-expanded={folders}
          rightSection={folders ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
          style={{ alignSelf: "flex-start" }}
        >
          {t("edit.folders")}
        </Button>
        <Collapse expanded={folders}>
          <Stack gap="sm">
            <TextInput
              label={t("edit.folder")}
              description={t("edit.folderText")}
              {...form.getInputProps("folder")}
            />
            {mailbox.imap && (
              <TextInput
                label={t("edit.draftsFolder")}
                description={t("edit.draftsFolderText")}
                {...form.getInputProps("drafts_folder")}
              />
            )}
            <Select
              label={t("edit.timeZone")}
              description={t("edit.timeZoneText")}
              data={zones(mailbox.time_zone)}
              searchable
              allowDeselect={false}
              limit={100}
              {...form.getInputProps("time_zone")}
            />
          </Stack>
        </Collapse>
        <ProblemAlert error={Object.keys(form.errors).length === 0 && save.error} />
        <Button
          type="submit"
          loading={save.isPending}
          disabled={!form.isDirty()}
          style={{ alignSelf: "flex-start" }}
        >
          {t("save")}
        </Button>
      </Stack>
    </form>
  )
}

function zones(own: string): string[] {
  const known = Intl.supportedValuesOf("timeZone")
  return known.includes(own) ? known : [own, ...known]
}
