import { useTranslation } from "react-i18next"
import { usePageTitle } from "@/components/page-header"
import { Hero } from "@/pages/welcome/hero"
import { Price } from "@/pages/welcome/price"
import { Promises } from "@/pages/welcome/promises"
import { Questions } from "@/pages/welcome/questions"
import { Steps } from "@/pages/welcome/steps"
import { Trades } from "@/pages/welcome/trades"

export function WelcomePage() {
  const { t } = useTranslation("welcome")
  usePageTitle(t("title"))
  return (
    <>
      <Hero />
      <Steps />
      <Trades />
      <Promises />
      <Price />
      <Questions />
    </>
  )
}
