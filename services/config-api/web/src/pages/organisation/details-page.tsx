import { Stack } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { PageHeader } from "@/components/page-header"
import { DetailsForm } from "@/pages/organisation/details-form"
import { Privacy } from "@/pages/organisation/privacy"
import { useOrganisation } from "@/pages/organisation/use-organisation"

export function DetailsPage({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("organisation")
  const { organisation, owner } = useOrganisation(organisationId)
  return (
    <>
      <PageHeader title={organisation.name} text={owner ? t("details.text") : t("details.ownersOnly")} />
      <Stack gap="xl" maw={760}>
        <DetailsForm key={organisation.updated_at} organisation={organisation} owner={owner} />
        {owner && <Privacy organisation={organisation} />}
      </Stack>
    </>
  )
}
