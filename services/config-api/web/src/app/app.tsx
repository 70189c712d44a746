import { MantineProvider } from "@mantine/core"
import { QueryClientProvider } from "@tanstack/react-query"
import { createRouter, RouterProvider } from "@tanstack/react-router"
import { lazy, Suspense, useEffect, useState } from "react"
import { nonce } from "@/app/nonce"
import { createQueries } from "@/app/queries"
import { contrasts, theme } from "@/app/theme"
import { NotFound } from "@/components/not-found"
import { PageProblem } from "@/components/page-problem"
import { Waiting } from "@/components/waiting"
import { routeTree } from "@/routeTree.gen"

const queries = createQueries(async () => {
  const { pathname, href } = router.state.location
  if (pathname === "/login") return
  await router.navigate({ to: "/login", search: { next: href } })
  queries.clear()
})

const router = createRouter({
  routeTree,
  context: { queries },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0, // the queries know what is stale
  scrollRestoration: true,
  defaultPendingComponent: Waiting,
  defaultErrorComponent: PageProblem,
  defaultNotFoundComponent: NotFound,
})

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router
  }
}

const Overlays = lazy(() => import("@/components/overlays"))

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={contrasts}
      defaultColorScheme="auto"
      getStyleNonce={nonce}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <OverlaysOnceInside />
      </QueryClientProvider>
    </MantineProvider>
  )
}

/** A stranger's first page says nothing of this kind and need not load it; it is there before anything can be saved. */
function OverlaysOnceInside() {
  const [inside, setInside] = useState(false)
  useEffect(
    () =>
      router.subscribe("onResolved", () => {
        if (router.state.matches.some(({ routeId }) => routeId.startsWith("/_inside"))) setInside(true)
      }),
    [],
  )
  return (
    inside && (
      <Suspense fallback={null}>
        <Overlays />
      </Suspense>
    )
  )
}
