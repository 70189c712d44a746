import { useLocation } from "@tanstack/react-router"
import { useEffect, useState } from "react"

/**
 * What a link carries behind its #, as `name=value`: there it is sent to no server, and logged by none. It leaves the
 * address bar at once, so that it is in no bookmark, screenshot or history.
 */
export function useFragment(name: string): string | undefined {
  const { pathname, hash } = useLocation()
  const [own] = useState(pathname)
  // A page is still there while the next one's address is in the bar already: that one's fragment is not its own.
  const found = (pathname === own && new URLSearchParams(hash.replace(/^#/, "")).get(name)) || undefined
  const [value, setValue] = useState(found)
  if (found && found !== value) setValue(found)
  useEffect(() => {
    if (!found) return
    const { pathname, search } = window.location
    window.history.replaceState(window.history.state, "", pathname + search)
  }, [found])
  return value
}
