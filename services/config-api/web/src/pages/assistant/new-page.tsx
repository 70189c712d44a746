import { Container } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useOrganisations } from "@/app/account"
import { NotFound } from "@/components/not-found"
import { PageHeader } from "@/components/page-header"
import { PlanFull } from "@/components/plan-full"
import { told } from "@/components/tell"
import { CreateForm } from "./create-form"

/** A further assistant, as far as the plan goes. */
export function NewAssistantPage({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("assistant")
  const navigate = useNavigate()
  const organisation = useOrganisations().find(({ id }) => id === organisationId)
  if (!organisation) return <NotFound />
  return (
    <Container size={760} px={0} ml={0}>
      <PageHeader title={t("new.title")} text={t("new.text")} />
      <PlanFull organisationId={organisationId} what="assistants" />
      <CreateForm
        organisation={organisation}
        named
        button={t("new.button")}
        onCreated={async ({ id, name }) => {
          await navigate({
            to: "/organisations/$organisationId/assistants/$assistantId",
            params: { organisationId, assistantId: id },
          })
          told(t("new.done", { name }))
        }}
      />
    </Container>
  )
}
