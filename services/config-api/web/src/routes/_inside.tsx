import { AppShell, Burger, Container, Group } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { CatchBoundary, createFileRoute, Outlet, redirect, useRouterState } from "@tanstack/react-router"
import { Suspense, useEffect } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { Problem } from "@/api/problem"
import { keepFor } from "@/app/kept"
import { markLogIn } from "@/app/visitor"
import { AccountMenu } from "@/components/account-menu"
import { Logo } from "@/components/logo"
import { Navigation } from "@/components/navigation"
import { NavigationProblem } from "@/components/navigation-problem"
import { SkipLink } from "@/components/skip-link"
import { LanguageSwitch, SchemeSwitch } from "@/components/switches"
import { Waiting } from "@/components/waiting"

export const Route = createFileRoute("/_inside")({
  beforeLoad: async ({ context, location }) => {
    try {
      const account = await context.queries.ensureQueryData(api.queryOptions("get", "/api/v1/account"))
      markLogIn()
      keepFor(account.id)
    } catch (error) {
      const nobody = error instanceof Problem && error.status === 401
      throw nobody ? redirect({ to: "/login", search: { next: location.href } }) : error
    }
  },
  component: InsideLayout,
})

/** The frame of every page behind the log-in. */
function InsideLayout() {
  const { t } = useTranslation()
  const [opened, { toggle, close }] = useDisclosure()
  const path = useRouterState({ select: state => state.location.pathname })
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone the menu closes when a page opens
  useEffect(close, [path])
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 250, breakpoint: "md", collapsed: { mobile: !opened } }}
      padding={{ base: "md", sm: "xl" }}
    >
      <SkipLink />
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={t("menu")}
              aria-expanded={opened}
            />
            <Logo />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <LanguageSwitch />
            <SchemeSwitch />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t("menu")}>
        <CatchBoundary getResetKey={() => path} errorComponent={NavigationProblem}>
          <Suspense>
            <Navigation />
          </Suspense>
        </CatchBoundary>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        {/* Room for a message at the bottom, so that it covers no button for good. */}
        <Container size="xl" px={0} pb={96}>
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </Container>
      </AppShell.Main>
    </AppShell>
  )
}
