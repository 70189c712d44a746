import { Anchor } from "@mantine/core"
import { useTranslation } from "react-i18next"

/** The first stop of the Tab key: past the navigation (WCAG 2.2, 2.4.1). */
export function SkipLink() {
  const { t } = useTranslation()
  return (
    <Anchor href="#main" className="skip-link">
      {t("skip")}
    </Anchor>
  )
}
