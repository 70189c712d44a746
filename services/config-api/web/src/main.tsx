import "@fontsource-variable/inter"
import "@mantine/core/styles.css"
import "@/styles/global.css"
import { createRoot } from "react-dom/client"
import { Problem } from "@/api/problem"
import { App } from "@/app/app"
import { startI18n } from "@/app/i18n"
import { tellNonce } from "@/app/nonce"

const root = document.getElementById("root")
if (!root) throw new Error("The page has no #root")
tellNonce()
await startI18n()
createRoot(root, { onCaughtError: noteFaults }).render(<App />)

/** A problem is told on the page by whoever caught it; what is no problem is a fault of ours. */
function noteFaults(error: unknown): void {
  if (!(error instanceof Problem)) reportError(error)
}
