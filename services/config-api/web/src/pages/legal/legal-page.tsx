import { Alert, Container, Typography } from "@mantine/core"
import { IconInfoCircle } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { PageHeader } from "@/components/page-header"
import classes from "@/pages/legal/legal.module.css"

/** One of the operator's texts, as they have written it. */
export function LegalPage({ text }: { text: Schema<"LegalText">["text"] }) {
  const { t, i18n } = useTranslation("legal")
  const language = i18n.language === "en" ? "en" : "de"
  const { data } = api.useSuspenseQuery("get", "/api/v1/site/legal/{text}", {
    params: { path: { text }, query: { language } },
  })
  return (
    <Container size="sm" py={{ base: "lg", sm: 56 }}>
      <PageHeader title={data.title} />
      {data.language !== language && (
        <Alert color="blue" variant="light" icon={<IconInfoCircle aria-hidden />} mb="lg">
          {t("otherLanguage")}
        </Alert>
      )}
      <Typography lang={data.language} className={classes.text}>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: made from Markdown by the API, which lets no HTML in */}
        <div dangerouslySetInnerHTML={{ __html: data.html }} />
      </Typography>
    </Container>
  )
}
