import { Badge, Button, Group, Modal } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { useTranslation } from "react-i18next"
import { useAccount } from "@/app/account"
import { SecondFactorRemoval } from "@/pages/account/second-factor-removal"
import { SecondFactorSetup } from "@/pages/account/second-factor-setup"
import { Section } from "@/pages/account/section"

export function SecondFactor() {
  const { t } = useTranslation("account")
  const on = useAccount().second_factor
  const [settingUp, setUp] = useDisclosure()
  const [removing, remove] = useDisclosure()
  const badge = (
    <Badge variant="light" color={on ? "green" : "gray"} tt="none">
      {on ? t("secondFactor.on") : t("secondFactor.off")}
    </Badge>
  )
  return (
    <Section title={t("secondFactor.title")} text={t("secondFactor.text")} badge={badge}>
      <Group>
        {on ? (
          <Button variant="default" onClick={remove.open}>
            {t("secondFactor.switchOff")}
          </Button>
        ) : (
          <Button onClick={setUp.open}>{t("secondFactor.switchOn")}</Button>
        )}
      </Group>
      {settingUp && <SecondFactorSetup onClose={setUp.close} />}
      <Modal
        opened={removing}
        onClose={remove.close}
        title={t("secondFactor.remove")}
        closeButtonProps={{ "aria-label": t("common:close") }}
      >
        <SecondFactorRemoval onClose={remove.close} />
      </Modal>
    </Section>
  )
}
