import { Switch } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useAccount } from "@/app/account"
import { useSite } from "@/app/site"
import { useSentence } from "@/components/problem-alert"
import { complained, told } from "@/components/tell"
import { Section } from "@/pages/account/section"
import { useAccountChanged } from "@/pages/account/use-account-changed"

/** Where no mail leaves there is no newsletter either. */
export function NewsletterSection() {
  const { t } = useTranslation("account")
  const account = useAccount()
  const site = useSite()
  const changed = useAccountChanged()
  const sentence = useSentence()
  const save = api.useMutation("patch", "/api/v1/account", {
    onSuccess: async ({ newsletter }) => {
      await changed()
      told(newsletter ? t("newsletter.on") : t("newsletter.off"))
    },
    onError: error => complained(sentence(error)),
  })
  if (!site.notices_by_mail && !account.newsletter) return null
  return (
    <Section title={t("newsletter.title")}>
      <Switch
        label={t("newsletter.label")}
        description={t("newsletter.text")}
        checked={save.isPending ? save.variables.body.newsletter : account.newsletter}
        disabled={save.isPending}
        onChange={event => save.mutate({ body: { newsletter: event.currentTarget.checked } })}
      />
    </Section>
  )
}
