import { Stack } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { PageHeader } from "@/components/page-header"
import { Invitations } from "@/pages/organisation/invitations"
import { Members } from "@/pages/organisation/members"
import { useOrganisation } from "@/pages/organisation/use-organisation"

export function MembersPage({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("organisation")
  const { owner } = useOrganisation(organisationId)
  return (
    <>
      <PageHeader title={t("members.title")} text={t("members.text")} />
      <Stack gap="xl" maw={860}>
        <Members organisationId={organisationId} owner={owner} />
        {owner && <Invitations organisationId={organisationId} />}
      </Stack>
    </>
  )
}
