import { Alert, Anchor, Box, Group, List, Loader, Text, ThemeIcon } from "@mantine/core"
import { IconAlertTriangle, IconCheck, IconCircleCheck, IconQuestionMark } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import type { Discovery } from "./use-connect"

interface ProviderNoteProps {
  discovery: Discovery
  candidate: Schema<"Candidate"> | undefined
}

/** What was found out about the mailbox's provider, and what its customers have to know. */
export function ProviderNote({ discovery, candidate }: ProviderNoteProps) {
  return (
    <Box role="status" mt={discovery === "unasked" ? 0 : "sm"}>
      <Told discovery={discovery} candidate={candidate} />
    </Box>
  )
}

function useTitle(candidate: Schema<"Candidate"> | undefined): string {
  const { t } = useTranslation("mailboxes")
  if (!candidate) return ""
  const { provider, imap } = candidate
  if (candidate.authentication === "oauth2") return t("provider.blocked", { provider: provider || imap.host })
  return provider ? t("provider.found", { provider }) : t("provider.foundHost", { host: imap.host })
}

function Told({ discovery, candidate }: ProviderNoteProps) {
  const { t } = useTranslation("mailboxes")
  const title = useTitle(candidate)
  if (discovery === "looking") {
    return (
      <Group gap="sm" wrap="nowrap">
        <Loader size="xs" aria-hidden />
        <Text size="sm">{t("provider.looking")}</Text>
      </Group>
    )
  }
  if (discovery === "unknown") {
    return (
      <Alert
        variant="light"
        color="yellow"
        icon={<IconQuestionMark aria-hidden />}
        title={t("provider.unknown")}
      >
        {t("provider.unknownText")}
      </Alert>
    )
  }
  if (!candidate || discovery !== "found") return null
  const blocked = candidate.authentication === "oauth2"
  if (candidate.notes.length === 0 && !candidate.help_url) return <Known candidate={candidate} />
  return (
    <Alert
      variant="light"
      color={blocked ? "orange" : "green"}
      icon={blocked ? <IconAlertTriangle aria-hidden /> : <IconCircleCheck aria-hidden />}
      title={title}
    >
      <Notes notes={candidate.notes} />
      {candidate.help_url && <HelpLink url={candidate.help_url} provider={candidate.provider} />}
    </Alert>
  )
}

function Known({ candidate }: { candidate: Schema<"Candidate"> }) {
  const title = useTitle(candidate)
  return (
    <Group gap="xs" wrap="nowrap">
      <ThemeIcon size={20} radius="xl" variant="light" color="green" aria-hidden>
        <IconCheck size={13} stroke={3} />
      </ThemeIcon>
      <Text size="sm">{title}</Text>
    </Group>
  )
}

export function Notes({ notes }: { notes: Schema<"Note">[] }) {
  if (notes.length === 0) return null
  return (
    <List size="sm" spacing={4}>
      {notes.map(({ code, text }) => (
        <List.Item key={code}>{text}</List.Item>
      ))}
    </List>
  )
}

export function HelpLink({ url, provider }: { url: string; provider: string }) {
  const { t } = useTranslation("mailboxes")
  return (
    <Anchor
      href={url}
      target="_blank"
      rel="noreferrer"
      size="sm"
      mt={6}
      display="inline-block"
      underline="always"
    >
      {provider ? t("provider.help", { provider }) : t("provider.helpAny")}
    </Anchor>
  )
}
