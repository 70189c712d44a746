import { Radio, Stack, TextInput } from "@mantine/core"
import type { UseFormReturnType } from "@mantine/form"
import { useTranslation } from "react-i18next"

export type Whose = { whose: "own" | "team"; team: string }

/** A person's own mailbox, or one that several share. */
export function TeamChoice({ form }: { form: UseFormReturnType<Whose> }) {
  const { t } = useTranslation("connect")
  return (
    <Stack gap="sm">
      <Radio.Group label={t("whose.label")} {...form.getInputProps("whose")}>
        <Stack gap={8} mt={6}>
          <Radio value="own" label={t("whose.own")} />
          <Radio value="team" label={t("whose.team")} />
        </Stack>
      </Radio.Group>
      {form.values.whose === "team" && (
        <TextInput
          label={t("whose.address")}
          description={t("whose.addressText")}
          type="email"
          autoComplete="off"
          autoCapitalize="off"
          required
          {...form.getInputProps("team")}
        />
      )}
    </Stack>
  )
}
