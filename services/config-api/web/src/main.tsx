import "@fontsource-variable/inter"
import "@mantine/core/styles.css"
import "@/styles/global.css"
import { createRoot } from "react-dom/client"
import { App } from "@/app/app"
import { startI18n } from "@/app/i18n"
import { tellNonce } from "@/app/nonce"

const root = document.getElementById("root")
if (!root) throw new Error("The page has no #root")
tellNonce()
await startI18n()
createRoot(root).render(<App />)
