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

// i18next's cookie has no Secure of its own; it carries a language and nothing else.
const YEAR_IN_MINUTES = 365 * 24 * 60

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
        caches: ["cookie"],
        lookupCookie: "i18nextLng",
        cookieMinutes: YEAR_IN_MINUTES,
        cookieOptions: { path: "/", sameSite: "lax" },
        convertDetectedLanguage: (found: string) => found.slice(0, 2),
      },
    })
  const name = () => {
    document.documentElement.lang = i18n.language
  }
  i18n.on("languageChanged", name)
  name()
}

export { i18n }
