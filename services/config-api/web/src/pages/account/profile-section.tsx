import { Button, Group, Select, SimpleGrid, Stack, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useAccount } from "@/app/account"
import { LANGUAGES } from "@/app/i18n"
import { showFaults, toFirstFault, useKeptForm } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { told } from "@/components/tell"
import { Section } from "@/pages/account/section"
import { useAccountChanged } from "@/pages/account/use-account-changed"

type Profile = Pick<Schema<"AccountPublic">, "user_name" | "first_name" | "last_name" | "language">

export function ProfileSection() {
  const { t, i18n } = useTranslation("account")
  const account = useAccount()
  const changed = useAccountChanged()
  const { needed } = useRules()
  const [saidAll, setSaidAll] = useState(true)
  const form = useForm<Profile>({ initialValues: profileOf(account), validate: { user_name: needed } })
  const saved = useKeptForm(form, "account")
  const save = api.useMutation("patch", "/api/v1/account", {
    onSuccess: async now => {
      form.setInitialValues(profileOf(now))
      form.setValues(profileOf(now))
      saved()
      await changed()
      await i18n.changeLanguage(now.language)
      told(i18n.t("account:profile.saved"))
    },
    onError: error => setSaidAll(showFaults(form, error)),
  })
  return (
    <Section title={t("profile.title")}>
      <form noValidate onSubmit={form.onSubmit(body => save.mutate({ body }), toFirstFault(form))}>
        <Stack>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput
              label={t("profile.firstName")}
              autoComplete="given-name"
              maxLength={100}
              {...form.getInputProps("first_name")}
            />
            <TextInput
              label={t("profile.lastName")}
              autoComplete="family-name"
              maxLength={100}
              {...form.getInputProps("last_name")}
            />
            <TextInput
              label={t("profile.userName")}
              autoComplete="username"
              autoCapitalize="off"
              spellCheck={false}
              maxLength={40}
              required
              {...form.getInputProps("user_name")}
            />
            <Select
              label={t("profile.language")}
              description={t("profile.languageText")}
              inputWrapperOrder={["label", "input", "description", "error"]}
              data={LANGUAGES.map(value => ({ value, label: t(`languages.${value}`) }))}
              allowDeselect={false}
              {...form.getInputProps("language")}
            />
          </SimpleGrid>
          {!saidAll && <ProblemAlert error={save.error} />}
          <Group>
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              {t("profile.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}

function profileOf({ user_name, first_name, last_name, language }: Schema<"AccountPublic">): Profile {
  return { user_name, first_name, last_name, language }
}
