import { Button, CopyButton, Group, Stack, Text, TextInput } from "@mantine/core"
import { IconCheck, IconCopy } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"

/** For whoever looks after the organisation's computers, where only an administrator may agree. */
export function AdminLink({ url }: { url: string }) {
  const { t } = useTranslation("connect")
  return (
    <Stack gap={6}>
      <Text size="sm">
        <Text span fw={600} inherit>
          {t("admin.title")}
        </Text>{" "}
        {t("admin.text")}
      </Text>
      <Group gap="xs" wrap="nowrap">
        <TextInput aria-label={t("admin.label")} value={url} readOnly flex={1} />
        <CopyButton value={url}>
          {({ copied, copy }) => (
            <Button
              variant="light"
              onClick={copy}
              leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            >
              {copied ? t("admin.copied") : t("admin.copy")}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Stack>
  )
}
