import { ActionIcon, SegmentedControl, useComputedColorScheme, useMantineColorScheme } from "@mantine/core"
import { IconMoon, IconSun } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import { LANGUAGES } from "@/app/i18n"

export function LanguageSwitch() {
  const { t, i18n } = useTranslation()
  const data = LANGUAGES.map(value => ({ value, label: value.toUpperCase() }))
  return (
    <SegmentedControl
      size="xs"
      aria-label={t("language")}
      data={data}
      value={i18n.language}
      onChange={language => void i18n.changeLanguage(language)}
    />
  )
}

export function SchemeSwitch() {
  const { t } = useTranslation()
  const { setColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme("light") === "dark"
  const label = dark ? t("scheme.light") : t("scheme.dark")
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(dark ? "light" : "dark")}
    >
      {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  )
}
