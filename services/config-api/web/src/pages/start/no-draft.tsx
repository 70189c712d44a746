import { Alert, Group } from "@mantine/core"
import { IconInfoCircle } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { LinkButton } from "@/components/links"

interface NoDraftProps {
  organisation: Schema<"OrganisationPublic">
  settled: Schema<"SettledMessagePublic">
}

/** The mail was read, and no draft came of it. */
export function NoDraft({ organisation, settled }: NoDraftProps) {
  const { t } = useTranslation("start")
  const failed = settled.outcome === "failed"
  const sample = { step: "draft" as const, organisation: organisation.id, sample: true }
  return (
    <>
      <Alert
        variant="light"
        role="status"
        color={failed ? "red" : "yellow"}
        icon={<IconInfoCircle aria-hidden />}
        title={failed ? t("noDraft.failed") : t("noDraft.skipped")}
      >
        {failed ? t("noDraft.failedText") : t("noDraft.skippedText")}
      </Alert>
      <Group>
        <LinkButton to="/start" search={sample}>
          {t("draft.trySample")}
        </LinkButton>
        <LinkButton
          to="/organisations/$organisationId/activity"
          params={{ organisationId: organisation.id }}
          variant="default"
        >
          {t("noDraft.activity")}
        </LinkButton>
      </Group>
    </>
  )
}
