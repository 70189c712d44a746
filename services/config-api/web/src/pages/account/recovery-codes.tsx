import { Alert, Box, Button, Card, Checkbox, CopyButton, Group, Stack, Text } from "@mantine/core"
import { IconAlertTriangle, IconCopy, IconDownload, IconPrinter } from "@tabler/icons-react"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useAccount } from "@/app/account"
import classes from "@/pages/account/account.module.css"

interface RecoveryCodesProps {
  codes: string[]
  onDone: () => void
}

export function RecoveryCodes({ codes, onDone }: RecoveryCodesProps) {
  const { t } = useTranslation("account")
  const account = useAccount()
  const [kept, setKept] = useState(false)
  const heading = t("recovery.heading", { name: account.user_name })
  const text = `${heading}\n\n${codes.join("\n")}\n`
  return (
    <Stack>
      <Alert variant="light" color="yellow" icon={<IconAlertTriangle aria-hidden />}>
        {t("recovery.text")}
      </Alert>
      <Card withBorder radius="md" className={classes.sheet}>
        <Text size="sm" fw={600} mb="xs">
          {heading}
        </Text>
        <Box component="ul" role="list" className={classes.codes}>
          {codes.map(code => (
            <li key={code}>{code}</li>
          ))}
        </Box>
      </Card>
      <Group gap="xs">
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" leftSection={<IconCopy size={16} />} onClick={copy}>
              {copied ? t("copied") : t("recovery.copy")}
            </Button>
          )}
        </CopyButton>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          onClick={() => download(text, t("recovery.file"))}
        >
          {t("recovery.download")}
        </Button>
        <Button variant="default" leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>
          {t("recovery.print")}
        </Button>
      </Group>
      <Checkbox
        label={t("recovery.kept")}
        checked={kept}
        onChange={event => setKept(event.currentTarget.checked)}
      />
      <Group justify="flex-end">
        <Button onClick={onDone} disabled={!kept}>
          {t("recovery.done")}
        </Button>
      </Group>
    </Stack>
  )
}

function download(text: string, name: string): void {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
