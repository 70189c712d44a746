import { AppShell, Box, Container, Group } from "@mantine/core"
import { createFileRoute, Outlet } from "@tanstack/react-router"
import { Suspense } from "react"
import { useTranslation } from "react-i18next"
import { useVisitor } from "@/app/visitor"
import { Footer } from "@/components/footer"
import { LinkButton } from "@/components/links"
import { Logo } from "@/components/logo"
import { SkipLink } from "@/components/skip-link"
import { LanguageSwitch, SchemeSwitch } from "@/components/switches"
import { Waiting } from "@/components/waiting"

export const Route = createFileRoute("/_public")({ component: PublicLayout })

/** The frame of every page that is there without log-in. */
function PublicLayout() {
  const { t } = useTranslation()
  const visitor = useVisitor()
  return (
    <AppShell header={{ height: 60 }} padding={0}>
      <SkipLink />
      <AppShell.Header>
        <Container size="lg" h="100%">
          <Group h="100%" justify="space-between" wrap="nowrap" gap="xs">
            <Logo />
            <Group gap="xs" wrap="nowrap">
              <LanguageSwitch />
              <SchemeSwitch />
              <LinkButton to={visitor ? "/home" : "/login"} variant="default" px={{ base: "xs", xs: "md" }}>
                {visitor ? t("toOverview") : t("logIn")}
              </LinkButton>
            </Group>
          </Group>
        </Container>
      </AppShell.Header>
      <AppShell.Main id="main" tabIndex={-1}>
        <Box mih="calc(100vh - 60px - 110px)">
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </Box>
        <Footer />
      </AppShell.Main>
    </AppShell>
  )
}
