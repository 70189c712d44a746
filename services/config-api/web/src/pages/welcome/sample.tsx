import { Badge, Box, Group, Stack, Text, ThemeIcon } from "@mantine/core"
import { IconMail, IconPencil } from "@tabler/icons-react"
import { Trans, useTranslation } from "react-i18next"
import classes from "@/pages/welcome/welcome.module.css"

const MARKS = { known: <mark className={classes.known} />, open: <mark className={classes.open} /> }

/** A guest's mail, and the draft beside it, as they would look in a mailbox. */
export function Sample() {
  const { t } = useTranslation("welcome")
  return (
    <Box component="figure" m={0} aria-label={t("sample.label")}>
      <Box className={classes.mail} p={{ base: "md", sm: "lg" }} pb={28}>
        <Head
          icon={<IconMail size={18} />}
          name={t("sample.from")}
          line={t("sample.subject")}
          time={t("sample.time")}
        />
        <Text size="sm" className={classes.letter}>
          {t("sample.mail")}
        </Text>
      </Box>
      <Box className={classes.draft} p={{ base: "md", sm: "lg" }}>
        <Group justify="space-between" mb="sm" gap="xs">
          <Badge variant="light" size="lg" leftSection={<IconPencil size={14} aria-hidden />} tt="none">
            {t("sample.draft")}
          </Badge>
          <Text size="xs" c="dimmed">
            {t("sample.folder")}
          </Text>
        </Group>
        <Stack gap={8}>
          {(["greeting", "first", "second", "third", "closing"] as const).map(line => (
            <Text key={line} size="sm" className={classes.letter}>
              <Trans t={t} i18nKey={`sample.answer.${line}`} components={MARKS} />
            </Text>
          ))}
        </Stack>
      </Box>
      <Group component="figcaption" gap="md" mt="md" ml={{ base: 12, xs: 28 }}>
        <Text size="xs" c="dimmed">
          <Trans t={t} i18nKey="sample.known" components={MARKS} />
        </Text>
        <Text size="xs" c="dimmed">
          <Trans t={t} i18nKey="sample.open" components={MARKS} />
        </Text>
      </Group>
    </Box>
  )
}

interface HeadProps {
  icon: React.ReactNode
  name: string
  line: string
  time: string
}

function Head({ icon, name, line, time }: HeadProps) {
  return (
    <Group wrap="nowrap" gap="sm" mb="sm" align="flex-start">
      <ThemeIcon variant="light" color="gray" radius="xl" size={36} aria-hidden>
        {icon}
      </ThemeIcon>
      <Box flex={1} miw={0}>
        <Text size="sm" fw={650}>
          {name}
        </Text>
        <Text size="sm" c="dimmed">
          {line}
        </Text>
      </Box>
      <Text size="xs" c="dimmed">
        {time}
      </Text>
    </Group>
  )
}
