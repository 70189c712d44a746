import "@mantine/notifications/styles.css"
import { ModalsProvider } from "@mantine/modals"
import { Notifications } from "@mantine/notifications"
import { useTranslation } from "react-i18next"

/** Where questions and messages appear. Loaded after the page, since nothing is said before somebody does something. */
export default function Overlays() {
  const { t } = useTranslation()
  return (
    <>
      <ModalsProvider labels={{ confirm: t("confirm"), cancel: t("cancel") }} />
      <Notifications position="bottom-center" autoClose={8000} />
    </>
  )
}
