import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "@/api/client"
import type { Settled } from "@/app/feed"
import { useSentence } from "@/components/problem-alert"
import { complained, told } from "@/components/tell"

export interface Retry {
  /** Has a failed message read and tried again. */
  again: (message: Settled) => void
  /** What became of it is not known yet. */
  underWay: (message: Settled) => boolean
  /** It was tried again since, so that another line tells how it ended. */
  outdated: (message: Settled) => boolean
}

export function useRetry(organisationId: string, messages: Settled[]): Retry {
  const { t } = useTranslation("activity")
  const sentence = useSentence()
  const [asked, setAsked] = useState<string[]>([])
  const retry = api.useMutation("post", "/api/v1/organisations/{organisation_id}/activity/{message_id}/retry")
  const again = ({ message_id }: Settled) => {
    setAsked(ids => [...ids, message_id])
    const params = { path: { organisation_id: organisationId, message_id } }
    retry.mutate(
      { params },
      {
        onSuccess: () => told(t("retry.asked")),
        onError: error => {
          setAsked(ids => ids.filter(id => id !== message_id))
          complained(sentence(error))
        },
      },
    )
  }
  const outdated = ({ message_id, generation }: Settled) =>
    messages.some(other => other.message_id === message_id && other.generation > generation)
  const underWay = (message: Settled) => asked.includes(message.message_id) && !outdated(message)
  return { again, underWay, outdated }
}
