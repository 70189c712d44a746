import { IconArrowRight } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { useSiteQuery } from "@/app/site"
import { useVisitor } from "@/app/visitor"
import { LinkButton } from "@/components/links"

/** The one thing to do on the welcome page: begin, or go on. */
export function StartButton() {
  const { t } = useTranslation("welcome")
  const visitor = useVisitor()
  const site = useSiteQuery().data
  const arrow = { size: "lg", rightSection: <IconArrowRight size={20} aria-hidden /> }
  if (visitor) {
    return (
      <LinkButton to="/home" {...arrow}>
        {t("common:toOverview")}
      </LinkButton>
    )
  }
  if (site && !site.registration) {
    return (
      <LinkButton to="/login" {...arrow}>
        {t("common:logIn")}
      </LinkButton>
    )
  }
  return (
    <LinkButton to="/register" {...arrow}>
      {t("start")}
    </LinkButton>
  )
}
