import { Stack, Tabs } from "@mantine/core"
import { useMediaQuery } from "@mantine/hooks"
import { IconDatabase, IconLock, IconUser } from "@tabler/icons-react"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { PageHeader } from "@/components/page-header"
import { Deletion } from "@/pages/account/deletion"
import { EmailSection } from "@/pages/account/email-section"
import { ExportSection } from "@/pages/account/export-section"
import { NewsletterSection } from "@/pages/account/newsletter-section"
import { PasswordSection } from "@/pages/account/password-section"
import { ProfileSection } from "@/pages/account/profile-section"
import { Restriction } from "@/pages/account/restriction"
import { SecondFactor } from "@/pages/account/second-factor"
import { Sessions } from "@/pages/account/sessions"
import { type AccountTab, accountTab, TABS } from "@/pages/account/tabs"

const ICONS = { profile: IconUser, security: IconLock, data: IconDatabase }

/** Everything of one's own; the tab stands in the address. */
export function AccountPage({ tab = "profile" }: { tab?: AccountTab }) {
  const { t } = useTranslation("account")
  const navigate = useNavigate()
  const phone = useMediaQuery("(max-width: 30em)")
  return (
    <>
      <PageHeader title={t("title")} />
      <Tabs
        value={tab}
        onChange={next => void navigate({ to: "/account", search: { tab: accountTab(next) } })}
        keepMounted={false}
        maw={760}
      >
        <Tabs.List mb="lg" aria-label={t("title")}>
          {TABS.map(each => {
            const Picture = ICONS[each]
            return (
              <Tabs.Tab
                key={each}
                value={each}
                leftSection={phone ? undefined : <Picture size={16} aria-hidden />}
              >
                {t(`tabs.${each}`)}
              </Tabs.Tab>
            )
          })}
        </Tabs.List>
        <Tabs.Panel value="profile">
          <Stack gap="lg">
            <ProfileSection />
            <EmailSection />
            <NewsletterSection />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="security">
          <Stack gap="lg">
            <PasswordSection />
            <SecondFactor />
            <Sessions />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="data">
          <Stack gap="lg">
            <ExportSection />
            <Restriction />
            <Deletion />
          </Stack>
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
