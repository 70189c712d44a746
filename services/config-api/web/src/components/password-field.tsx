import { PasswordInput, type PasswordInputProps } from "@mantine/core"
import { useTranslation } from "react-i18next"

/** A masked field whose characters can be shown, by keyboard as well (ASVS 6.2.6); password managers may fill it. */
export function PasswordField(props: PasswordInputProps) {
  const { t } = useTranslation()
  return (
    <PasswordInput
      visibilityToggleFocusable
      visibilityToggleButtonProps={{ "aria-label": t("showCharacters") }}
      spellCheck={false}
      autoCapitalize="off"
      {...props}
    />
  )
}
