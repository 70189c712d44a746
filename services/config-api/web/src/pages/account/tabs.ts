// Apart from the page, because the router reads addresses before it loads a page.
export const TABS = ["profile", "security", "data"] as const
export type AccountTab = (typeof TABS)[number]

export function accountTab(text: unknown): AccountTab | undefined {
  return TABS.find(tab => tab === text)
}
