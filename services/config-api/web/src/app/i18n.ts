import i18n from "i18next"
import LanguageDetector from "i18next-browser-languagedetector"
import { initReactI18next } from "react-i18next"

export const LANGUAGES = ["de", "en"] as const
export type Language = (typeof LANGUAGES)[number]

const files = import.meta.glob<{ default: Record<string, unknown> }>("../locales/*/*.json")

/** Loads one page's texts in one language when the page is opened. */
const texts = {
  type: "backend" as const,
  async read(language: string, namespace: string) {
    const load = files[`../locales/${language}/${namespace}.json`]
    if (!load) throw new Error(`No texts for ${language}/${namespace}`)
    return (await load()).default
  },
}

const COOKIE = "i18nextLng"
const YEAR_IN_SECONDS = 365 * 24 * 60 * 60

export async function startI18n(): Promise<void> {
  await i18n
    .use(texts)
    .use(LanguageDetector)
    .use(initReactI18next)
    .init({
      supportedLngs: LANGUAGES,
      nonExplicitSupportedLngs: true,
      load: "languageOnly",
      fallbackLng: "de",
      ns: ["common"],
      defaultNS: "common",
      interpolation: { escapeValue: false }, // React escapes
      detection: {
        order: ["cookie", "navigator"],
        caches: [],
        lookupCookie: COOKIE,
        convertDetectedLanguage: (found: string) => found.slice(0, 2),
      },
    })
  i18n.on("languageChanged", remember)
  remember()
}

/** In the page, and in a cookie of our own making: i18next's knows no Secure. */
function remember(): void {
  document.documentElement.lang = i18n.language
  const secure = location.protocol === "https:" ? "; Secure" : ""
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
  document.cookie = `${COOKIE}=${i18n.language}; Path=/; Max-Age=${YEAR_IN_SECONDS}; SameSite=Lax${secure}`
}

export { i18n }
