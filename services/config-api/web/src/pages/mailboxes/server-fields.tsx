import { Group, NumberInput, Select, Stack, TextInput } from "@mantine/core"
import type { UseFormReturnType } from "@mantine/form"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { SECURITIES } from "./connection"

/** The fields of the server by hand, for a form that holds an `imap`. */
export function ServerFields<Values extends { imap: Omit<Schema<"ImapCreate">, "password"> }>({
  form,
}: {
  form: UseFormReturnType<Values>
}) {
  const { t } = useTranslation("mailboxes")
  const data = SECURITIES.map(value => ({ value, label: t(`server.securities.${value}`) }))
  return (
    <Stack gap="sm">
      <TextInput
        label={t("server.host")}
        description={t("server.hostText")}
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps("imap.host")}
      />
      <Group grow align="flex-start" preventGrowOverflow={false} wrap="wrap">
        <Select
          label={t("server.security")}
          data={data}
          allowDeselect={false}
          miw={150}
          {...form.getInputProps("imap.security")}
        />
        <NumberInput
          label={t("server.port")}
          min={1}
          max={65_535}
          hideControls
          allowDecimal={false}
          miw={90}
          {...form.getInputProps("imap.port")}
        />
      </Group>
      <TextInput
        label={t("server.username")}
        description={t("server.usernameText")}
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps("imap.username")}
      />
    </Stack>
  )
}
