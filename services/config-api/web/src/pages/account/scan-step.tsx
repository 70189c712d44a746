import { Button, Code, CopyButton, Group, List, Stack, Text, TextInput } from "@mantine/core"
import { useForm } from "@mantine/form"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { Problem } from "@/api/problem"
import { showFaults, toFirstFault } from "@/components/forms"
import { ProblemAlert } from "@/components/problem-alert"
import { useRules } from "@/components/rules"
import { QrCode } from "@/pages/account/qr-code"

interface ScanStepProps {
  offer: Schema<"SecondFactorOffer">
  /** It is switched on; these stand in for the app. */
  onCodes: (codes: string[]) => void
  onCancel: () => void
}

export function ScanStep({ offer, onCodes, onCancel }: ScanStepProps) {
  const { t } = useTranslation("account")
  const { needed } = useRules()
  const form = useForm({ initialValues: { code: "" }, validate: { code: needed } })
  const confirm = api.useMutation("post", "/api/v1/account/second-factor/confirm", {
    onSuccess: ({ codes }) => onCodes(codes),
    onError: error => {
      showFaults(form, error)
      form.getInputNode("code")?.focus()
    },
  })
  const beside = confirm.error instanceof Problem && "code" in confirm.error.fields
  const spaced = offer.secret.replace(/(.{4})(?=.)/g, "$1 ")
  return (
    <form noValidate onSubmit={form.onSubmit(body => confirm.mutate({ body }), toFirstFault(form))}>
      <Stack>
        <List type="ordered" size="sm" spacing={4}>
          <List.Item>{t("scan.app")}</List.Item>
          <List.Item>{t("scan.scan")}</List.Item>
          <List.Item>{t("scan.type")}</List.Item>
        </List>
        <Group gap="lg" align="center">
          <QrCode text={offer.uri} label={t("scan.qr")} />
          <Stack gap="xs" flex="1 1 200px" miw={0}>
            <Text size="sm">{t("scan.cannot")}</Text>
            <Code block fz="sm" style={{ whiteSpace: "pre-wrap" }}>
              {spaced}
            </Code>
            <CopyButton value={offer.secret}>
              {({ copied, copy }) => (
                <Button size="xs" variant="default" onClick={copy}>
                  {copied ? t("copied") : t("scan.copy")}
                </Button>
              )}
            </CopyButton>
          </Stack>
        </Group>
        <TextInput
          label={t("scan.code")}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={40}
          required
          maw={240}
          {...form.getInputProps("code")}
        />
        {!beside && <ProblemAlert error={confirm.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" loading={confirm.isPending}>
            {t("secondFactor.switchOn")}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
