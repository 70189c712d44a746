import { IconMapQuestion } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { EmptyState } from "@/components/empty-state"
import { LinkButton } from "@/components/links"

export function NotFound() {
  const { t } = useTranslation()
  return (
    <EmptyState icon={IconMapQuestion} title={t("notFound.title")} text={t("notFound.text")}>
      <LinkButton to="/">{t("notFound.home")}</LinkButton>
    </EmptyState>
  )
}
