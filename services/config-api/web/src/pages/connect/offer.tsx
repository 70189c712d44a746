import { Alert, Anchor, Button, Group, Stack, Text } from "@mantine/core"
import { IconCircleCheck } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { ProviderIcon } from "./provider-icon"

interface OfferProps {
  provider: Schema<"ConnectableProvider">
  onChoose: () => void
  /** Where the provider still lets mail programs in by a password. */
  onPassword: (() => void) | undefined
}

/** Stands where the password would be asked for: the typed address can be connected without one. */
export function Offer({ provider: { provider, name }, onChoose, onPassword }: OfferProps) {
  const { t } = useTranslation("connect")
  return (
    <Alert
      variant="light"
      color="green"
      role="status"
      icon={<IconCircleCheck aria-hidden />}
      title={t("offer.title", { name })}
    >
      <Stack gap="sm">
        <Text size="sm">{t("offer.text")}</Text>
        <Group gap="md">
          <Button leftSection={<ProviderIcon provider={provider} />} onClick={onChoose}>
            {t(`with.${provider}`)}
          </Button>
          {onPassword && (
            <Anchor component="button" type="button" size="sm" underline="always" onClick={onPassword}>
              {t("offer.byPassword")}
            </Anchor>
          )}
        </Group>
      </Stack>
    </Alert>
  )
}
