import { Container } from "@mantine/core"
import { useQueryErrorResetBoundary } from "@tanstack/react-query"
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { Problem } from "@/api/problem"
import { LinkButton } from "@/components/links"
import { NotFound } from "@/components/not-found"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"

/** Stands for a page that could not be shown. */
export function PageProblem({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation()
  const router = useRouter()
  const queries = useQueryErrorResetBoundary()
  if (error instanceof Problem && error.status === 404) return <NotFound />
  const again = () => {
    queries.reset()
    reset()
    void router.invalidate()
  }
  return (
    <Container size="sm" py="xl">
      <PageHeader title={t("problem.title")} />
      <ProblemAlert error={error} onRetry={again} />
      {error instanceof Problem && error.reason === "processing_restricted" && (
        <LinkButton to="/account" search={{ tab: "data" }} variant="default">
          {t("nav.account")}
        </LinkButton>
      )}
    </Container>
  )
}
