import { IconUser } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { LinkNav } from "@/components/links"

/** Where the navigation cannot be shown, as to a person whose data may not be processed: the account always can. */
export function NavigationProblem() {
  const { t } = useTranslation()
  return <LinkNav to="/account" label={t("nav.account")} leftSection={<IconUser size={18} />} />
}
