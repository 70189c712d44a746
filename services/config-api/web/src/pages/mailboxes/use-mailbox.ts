import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { api, type Schema } from "@/api/client"
import { useRefresh } from "@/app/refresh"
import { useSentence } from "@/components/problem-alert"
import { askFirst, complained, told } from "@/components/tell"

const LIST = "/api/v1/organisations/{organisation_id}/mailboxes"
const ONE = "/api/v1/organisations/{organisation_id}/mailboxes/{mailbox_id}"
const HEALTH = "/api/v1/organisations/{organisation_id}/mailboxes/{mailbox_id}/health"
const EVERY = 15_000
const LOCKED_OUT = ["access_revoked", "access_denied", "credentials_refused"]

export function useHealth({ organisation_id, id }: Schema<"MailboxPublic">) {
  const path = { organisation_id, mailbox_id: id }
  return api.useQuery("get", HEALTH, { params: { path } }, { refetchInterval: EVERY })
}

/** Its provider no longer lets us in, and will again once its owner has agreed anew. */
export function mayReconnect(
  { provider }: Schema<"MailboxPublic">,
  health: Schema<"Health"> | undefined,
): boolean {
  return provider !== "imap" && health?.state === "stopped" && LOCKED_OUT.includes(health.reason)
}

export function useRefreshMailboxes(): () => Promise<void> {
  const refresh = useRefresh()
  return () => refresh(LIST, ONE, HEALTH)
}

/** Pauses the mailbox or lets it go on; either can be taken back. */
export function usePause(mailbox: Schema<"MailboxPublic">) {
  const { t } = useTranslation("mailboxes")
  const sentence = useSentence()
  const refresh = useRefreshMailboxes()
  const change = api.useMutation("patch", ONE, {
    onSuccess: refresh,
    onError: error => complained(sentence(error)),
  })
  const params = { path: { organisation_id: mailbox.organisation_id, mailbox_id: mailbox.id } }
  const to = async (active: boolean) => {
    const { address, watch_since } = mailbox
    const done = await change.mutateAsync({ params, body: { active } }).catch(() => undefined)
    const back = active ? { active: false } : { active: true, watch_since }
    const undo = () => change.mutate({ params, body: back })
    if (done) told(active ? t("resumed", { address }) : t("paused", { address }), undo)
  }
  return { to: (active: boolean) => void to(active), pending: change.isPending }
}

/** Asks once, deletes, and goes back to the list. */
export function useDelete(mailbox: Schema<"MailboxPublic">) {
  const { t } = useTranslation("mailboxes")
  const sentence = useSentence()
  const refresh = useRefresh()
  const navigate = useNavigate()
  const { organisation_id, id, address, provider } = mailbox
  const remove = api.useMutation("delete", ONE, {
    onSuccess: async () => {
      await navigate({
        to: "/organisations/$organisationId/mailboxes",
        params: { organisationId: organisation_id },
      })
      await refresh(LIST)
      told(t("delete.done", { address }))
    },
    onError: error => complained(sentence(error)),
  })
  const ask = () =>
    askFirst({
      title: t("delete.title", { address }),
      text: t(`delete.text.${provider}`),
      confirm: t("delete.confirm"),
      onConfirm: () => remove.mutate({ params: { path: { organisation_id, mailbox_id: id } } }),
    })
  return { ask, pending: remove.isPending }
}
