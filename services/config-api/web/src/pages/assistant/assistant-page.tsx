import { Grid, Stack } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useOrganisations } from "@/app/account"
import { LinkButton } from "@/components/links"
import { PageHeader } from "@/components/page-header"
import { DeletePart } from "./delete-part"
import { Preview } from "./preview"
import { SettingsForm, settingsOf } from "./settings-form"
import { SwitchCard } from "./switch-card"

interface AssistantPageProps {
  organisationId: string
  assistantId: string
}

/** How an assistant writes, and within which limits; beside it, what comes of that. */
export function AssistantPage({ organisationId, assistantId }: AssistantPageProps) {
  const { t } = useTranslation("assistant")
  const path = { organisation_id: organisationId, assistant_id: assistantId }
  const assistant = api.useSuspenseQuery(
    "get",
    "/api/v1/organisations/{organisation_id}/assistants/{assistant_id}",
    { params: { path } },
  ).data
  const organisation = useOrganisations().find(({ id }) => id === organisationId)
  const [saves, setSaves] = useState(0)
  return (
    <>
      <PageHeader title={assistant.name} text={t("page.text")}>
        <LinkButton
          to="/organisations/$organisationId/assistants/new"
          params={{ organisationId }}
          variant="default"
          leftSection={<IconPlus size={18} aria-hidden />}
        >
          {t("page.another")}
        </LinkButton>
      </PageHeader>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack gap="lg">
            <SwitchCard assistant={assistant} organisation={organisation} />
            <SettingsForm
              key={JSON.stringify(settingsOf(assistant))}
              assistant={assistant}
              onSaved={() => setSaves(before => before + 1)}
            />
            <DeletePart assistant={assistant} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Preview assistant={assistant} industry={organisation?.industry ?? ""} saves={saves} />
        </Grid.Col>
      </Grid>
    </>
  )
}
