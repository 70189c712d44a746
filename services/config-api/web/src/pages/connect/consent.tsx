import { IconCircleCheck, IconHandStop } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { AuthPage } from "@/pages/auth/auth-page"
import { Done } from "@/pages/auth/done"

/** For an administrator, who need not have an account here. */
export function Consent({ given }: { given: boolean }) {
  const { t } = useTranslation("connect")
  const [title, text, icon] = given
    ? [t("consent.given"), t("consent.givenText"), IconCircleCheck]
    : [t("consent.refused"), t("consent.refusedText"), IconHandStop]
  return (
    <AuthPage title={title}>
      <Done icon={icon} text={text} />
    </AuthPage>
  )
}
