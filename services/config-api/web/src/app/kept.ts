/**
 * What this browser keeps of a person besides the session's cookie: what was typed and not saved, in one tab, and the
 * ids of what was looked at last.
 */
const TYPED = "kept:"
const LAST = "last:"
const WHOSE = "kept-for"

/** Leaves nothing of anybody: after log-out, or when the account is gone. */
export function forgetKept(): void {
  clear(sessionStorage, TYPED, WHOSE)
  clear(localStorage, LAST)
}

/** What was typed stays for the person who typed it, also when their session has ended meanwhile. */
export function keepFor(accountId: string): void {
  const before = sessionStorage.getItem(WHOSE)
  if (before !== null && before !== accountId) forgetKept()
  sessionStorage.setItem(WHOSE, accountId)
}

function clear(storage: Storage, ...beginnings: string[]): void {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "")
  for (const key of keys) if (beginnings.some(beginning => key.startsWith(beginning))) storage.removeItem(key)
}
