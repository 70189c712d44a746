import { Button, Group } from "@mantine/core"
import { IconFileZip } from "@tabler/icons-react"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { useSentence } from "@/components/problem-alert"
import { complained } from "@/components/tell"
import { Section } from "@/pages/account/section"

/** Everything that is held about the person; the page it leads to shows how far it is. */
export function ExportSection() {
  const { t } = useTranslation("account")
  const navigate = useNavigate()
  const sentence = useSentence()
  const begin = api.useMutation("post", "/api/v1/account/export", {
    onSuccess: ({ id }) => navigate({ to: "/account/export/$jobId", params: { jobId: id } }),
    onError: error => complained(sentence(error)),
  })
  return (
    <Section title={t("export.title")} text={t("export.text")}>
      <Group>
        <Button
          variant="default"
          leftSection={<IconFileZip size={18} />}
          onClick={() => begin.mutate({})}
          loading={begin.isPending}
        >
          {t("export.begin")}
        </Button>
      </Group>
    </Section>
  )
}
