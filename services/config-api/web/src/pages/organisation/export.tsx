import { Button, Text } from "@mantine/core"
import { IconDownload } from "@tabler/icons-react"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useSentence } from "@/components/problem-alert"
import { complained } from "@/components/tell"

/** Begins the collection of everything that is held of the organisation. */
export function StartExport({ organisationId }: { organisationId: string }) {
  const { t } = useTranslation("organisation")
  const sentence = useSentence()
  const navigate = useNavigate()
  const start = api.useMutation("post", "/api/v1/organisations/{organisation_id}/export", {
    onSuccess: ({ id }) =>
      void navigate({
        to: "/organisations/$organisationId/export/$jobId",
        params: { organisationId, jobId: id },
      }),
    onError: error => complained(sentence(error)),
  })
  return (
    <>
      <Text size="sm">{t("privacy.exportText")}</Text>
      <Button
        variant="default"
        leftSection={<IconDownload size={16} />}
        loading={start.isPending}
        onClick={() => start.mutate({ params: { path: { organisation_id: organisationId } } })}
      >
        {t("privacy.export")}
      </Button>
    </>
  )
}
