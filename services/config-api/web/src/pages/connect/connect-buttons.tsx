import { Button, Divider, SimpleGrid, Stack } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Schema } from "@/api/client"
import { ProviderIcon } from "./provider-icon"

interface ConnectButtonsProps {
  providers: Schema<"ConnectableProvider">[]
  onChoose: (provider: Schema<"ConnectableProvider">) => void
}

/** The ways without a password, above the one with. */
export function ConnectButtons({ providers, onChoose }: ConnectButtonsProps) {
  const { t } = useTranslation("connect")
  if (providers.length === 0) return null
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, xs: providers.length }} spacing="sm">
        {providers.map(provider => (
          <Button
            key={provider.provider}
            size="md"
            variant="default"
            leftSection={<ProviderIcon provider={provider.provider} />}
            onClick={() => onChoose(provider)}
          >
            {t(`with.${provider.provider}`)}
          </Button>
        ))}
      </SimpleGrid>
      <Divider label={t("orByPassword")} />
    </Stack>
  )
}
