import { Badge, Button, Group } from "@mantine/core"
import { useQueryClient } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { Problem } from "@/api/problem"
import { useSentence } from "@/components/problem-alert"
import { askFirst, complained, told } from "@/components/tell"
import { Section } from "@/pages/account/section"

/** Restriction of processing (GDPR, article 18). */
export function Restriction() {
  const { t } = useTranslation("account")
  const restricted = useRestricted()
  const queries = useQueryClient()
  const sentence = useSentence()
  const onError = (error: unknown) => complained(sentence(error))
  const done = (message: string) => async () => {
    await queries.resetQueries()
    told(message)
  }
  const restrict = api.useMutation("put", "/api/v1/account/restriction", {
    onSuccess: done(t("restriction.begun")),
    onError,
  })
  const lift = api.useMutation("delete", "/api/v1/account/restriction", {
    onSuccess: done(t("restriction.lifted")),
    onError,
  })
  const askToRestrict = () =>
    askFirst({
      title: t("restriction.title"),
      text: t("restriction.question"),
      confirm: t("restriction.confirm"),
      onConfirm: () => restrict.mutate({}),
    })
  const badge = restricted && (
    <Badge variant="light" color="orange" tt="none">
      {t("restriction.on")}
    </Badge>
  )
  return (
    <Section title={t("restriction.title")} text={t("restriction.text")} badge={badge}>
      <Group>
        {restricted ? (
          <Button onClick={() => lift.mutate({})} loading={lift.isPending}>
            {t("restriction.lift")}
          </Button>
        ) : (
          <Button variant="default" onClick={askToRestrict} loading={restrict.isPending}>
            {t("restriction.restrict")}
          </Button>
        )}
      </Group>
    </Section>
  )
}

/** What a restricted person asks for beside the own account is refused, which is how one knows. */
function useRestricted(): boolean {
  const { error } = api.useQuery("get", "/api/v1/organisations", { params: { query: { limit: 200 } } })
  return error instanceof Problem && error.reason === "processing_restricted"
}
