import { IconMapQuestion } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { EmptyState } from "@/components/empty-state"
import { LinkButton } from "@/components/links"
import { usePageTitle } from "@/components/page-header"

export function NotFound() {
  const { t } = useTranslation()
  usePageTitle(t("notFound.title"))
  return (
    <EmptyState icon={IconMapQuestion} order={1} title={t("notFound.title")} text={t("notFound.text")}>
      <LinkButton to="/">{t("notFound.home")}</LinkButton>
    </EmptyState>
  )
}
