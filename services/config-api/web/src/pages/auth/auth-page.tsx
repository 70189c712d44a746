import { Card, Container } from "@mantine/core"
import type { ReactNode } from "react"
import { PageHeader } from "@/components/page-header"

interface AuthPageProps {
  title: string
  text?: string
  children?: ReactNode
}

/** The frame of the pages on the way in: one card, and nothing that leads elsewhere. */
export function AuthPage({ title, text, children }: AuthPageProps) {
  return (
    <Container size={480} px="md" py={{ base: "lg", sm: 56 }}>
      <Card withBorder shadow="sm" radius="lg" p={{ base: "lg", sm: "xl" }}>
        <PageHeader title={title} text={text} />
        {children}
      </Card>
    </Container>
  )
}
