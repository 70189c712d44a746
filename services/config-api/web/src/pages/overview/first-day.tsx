import {
  Button,
  Card,
  Code,
  CopyButton,
  Group,
  SimpleGrid,
  Stack,
  Text,
  ThemeIcon,
  Title,
} from "@mantine/core"
import { IconCheck, IconCopy, IconMailForward, IconMailPlus, IconWand } from "@tabler/icons-react"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { LinkButton } from "@/components/links"
import type { House } from "./use-house"

interface FirstDayProps {
  organisationId: string
  house: House
}

/** Before the first mail: what to do next. */
export function FirstDay({ organisationId, house: { mailboxes, assistants } }: FirstDayProps) {
  const { t } = useTranslation("overview")
  const address = mailboxes?.[0]?.address
  const assistantId = assistants[0]?.id
  return (
    <Stack component="section" aria-labelledby="first-title">
      <Title order={2} size="h4" id="first-title">
        {t("first.title")}
      </Title>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {address ? (
          <Step icon={<IconMailForward size={22} />} title={t("first.mail")} text={t("first.mailText")}>
            <Address address={address} />
          </Step>
        ) : (
          <Step icon={<IconMailPlus size={22} />} title={t("first.mailbox")} text={t("first.mailboxText")}>
            <LinkButton to="/organisations/$organisationId/mailboxes" params={{ organisationId }}>
              {t("first.connect")}
            </LinkButton>
          </Step>
        )}
        {assistantId && (
          <Step icon={<IconWand size={22} />} title={t("first.try")} text={t("first.tryText")}>
            <LinkButton
              variant={address ? "light" : "default"}
              to="/organisations/$organisationId/assistants/$assistantId/playground"
              params={{ organisationId, assistantId }}
            >
              {t("first.tryButton")}
            </LinkButton>
          </Step>
        )}
      </SimpleGrid>
    </Stack>
  )
}

interface StepProps {
  icon: ReactNode
  title: string
  text: string
  children: ReactNode
}

function Step({ icon, title, text, children }: StepProps) {
  return (
    <Card withBorder padding="lg">
      <Stack h="100%" gap="sm">
        <ThemeIcon size="xl" radius="xl" variant="light" aria-hidden>
          {icon}
        </ThemeIcon>
        <Title order={3} size="h5">
          {title}
        </Title>
        <Text flex={1}>{text}</Text>
        <Group>{children}</Group>
      </Stack>
    </Card>
  )
}

function Address({ address }: { address: string }) {
  const { t } = useTranslation("overview")
  return (
    <>
      <Code fz="sm">{address}</Code>
      <CopyButton value={address}>
        {({ copied, copy }) => (
          <Button
            variant="light"
            onClick={copy}
            leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          >
            {copied ? t("first.copied") : t("first.copy")}
          </Button>
        )}
      </CopyButton>
    </>
  )
}
