import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { brotliCompressSync } from "node:zlib"
import { tanstackRouter } from "@tanstack/router-plugin/vite"
import react from "@vitejs/plugin-react"
import { defineConfig, type Plugin } from "vite"

// Few files: what every page needs, and what many pages share. A page's own parts stay with it.
const FILES = [
  {
    name: "frame",
    test: /node_modules\/(react|react-dom|scheduler|@tanstack\/(react-router|router-core|history|react-query|query-core|store|react-store)|i18next|react-i18next)\//,
  },
  { name: "parts", test: /node_modules\/(@mantine|@floating-ui|@tabler)/, minShareCount: 30 },
  { name: "shared", test: /src\/(components|app|api)/, minShareCount: 6 },
]

// Beside each file its brotli, made once: smaller than gzip, and no work for whoever delivers it.
const compressed: Plugin = {
  name: "compressed",
  apply: "build",
  writeBundle({ dir }, bundle) {
    for (const name of Object.keys(bundle).filter(each => /\.(js|css)$/.test(each))) {
      const file = join(dir ?? ".", name)
      writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)))
    }
  },
}

export default defineConfig({
  plugins: [tanstackRouter({ autoCodeSplitting: true }), react(), compressed],
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
