import { IconBrandGoogle, IconBrandWindows } from "@tabler/icons-react"
import type { ProviderName } from "./attempt"

const PICTURES = { gmail: IconBrandGoogle, graph: IconBrandWindows }

export function ProviderIcon({ provider }: { provider: ProviderName }) {
  const Picture = PICTURES[provider]
  return <Picture size={18} aria-hidden />
}
