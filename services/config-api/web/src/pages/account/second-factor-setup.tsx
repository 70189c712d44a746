import { Modal } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import { told } from "@/components/tell"
import { PasswordStep } from "@/pages/account/password-step"
import { RecoveryCodes } from "@/pages/account/recovery-codes"
import { ScanStep } from "@/pages/account/scan-step"
import { useAccountChanged } from "@/pages/account/use-account-changed"

/** Password, then the app, then the recovery codes, which are shown this once: nothing closes them by accident. */
export function SecondFactorSetup({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("account")
  const changed = useAccountChanged()
  const [codes, setCodes] = useState<string[]>()
  const offer = api.useMutation("post", "/api/v1/account/second-factor")
  const finish = async () => {
    onClose()
    await changed()
    told(t("secondFactor.switchedOn"))
  }
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={codes ? t("recovery.title") : t("secondFactor.setUp")}
      closeOnClickOutside={false}
      closeOnEscape={!codes}
      withCloseButton={!codes}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      {!offer.data && (
        <PasswordStep
          text={t("secondFactor.passwordText")}
          button={t("secondFactor.next")}
          error={offer.error}
          busy={offer.isPending}
          onPassword={password => offer.mutate({ body: { password } })}
          onCancel={onClose}
        />
      )}
      {offer.data && !codes && <ScanStep offer={offer.data} onCodes={setCodes} onCancel={onClose} />}
      {codes && <RecoveryCodes codes={codes} onDone={() => void finish()} />}
    </Modal>
  )
}
