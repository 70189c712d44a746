import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useRefresh } from "@/app/refresh"
import { useSentence } from "@/components/problem-alert"
import { askFirst, complained, told } from "@/components/tell"

const ONE = "/api/v1/operator/accounts/{account_id}"

/** What an operator can do to an account. Locking and the operator's role can be taken back, deleting cannot. */
export function useAccountActions(account: Schema<"AccountForOperator">) {
  const { t } = useTranslation("operator")
  const refresh = useRefresh()
  const sentence = useSentence()
  const common = {
    onSuccess: () => refresh("/api/v1/operator/accounts"),
    onError: (error: unknown) => complained(sentence(error)),
  }
  const update = api.useMutation("patch", ONE, common)
  const erase = api.useMutation("delete", ONE, common)
  const params = { path: { account_id: account.id } }
  const before = { active: account.active, operator: account.operator }
  const change = (body: Schema<"AccountSwitches">, undoable = true) =>
    update.mutate(
      { params, body },
      { onSuccess: () => told(t("accounts.changed"), undoable ? () => change(before, false) : undefined) },
    )
  const remove = () =>
    askFirst({
      title: t("accounts.deleteTitle", { name: account.user_name }),
      text: t("accounts.deleteText"),
      confirm: t("accounts.delete"),
      onConfirm: () => erase.mutate({ params }),
    })
  return { change, remove, isPending: update.isPending || erase.isPending }
}
