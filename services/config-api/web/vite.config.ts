import { tanstackRouter } from "@tanstack/router-plugin/vite"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

// Few files: what every page needs, and what many pages share. A page's own parts stay with it.
const FILES = [
  {
    name: "frame",
    test: /node_modules\/(react|react-dom|scheduler|@tanstack\/(react-router|router-core|history|react-query|query-core|store|react-store)|i18next|react-i18next)\//,
  },
  { name: "parts", test: /node_modules\/(@mantine|@floating-ui|@tabler)/, minShareCount: 30 },
  { name: "shared", test: /src\/(components|app|api)/, minShareCount: 6 },
]

export default defineConfig({
  plugins: [tanstackRouter({ autoCodeSplitting: true }), react()],
  resolve: { alias: { "@": `${import.meta.dirname}/src` } },
  // config-api puts another nonce in its place with every page it delivers.
  html: { cspNonce: "CSP_NONCE" },
  build: {
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    rolldownOptions: { output: { codeSplitting: { groups: FILES } } },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080", "/openapi.json": "http://127.0.0.1:8080" } },
})
