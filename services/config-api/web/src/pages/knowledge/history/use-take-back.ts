import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { useSentence } from "@/components/problem-alert"
import { complained, told } from "@/components/tell"
import { CHANGES, type Place } from "../data/place"
import { useStored } from "../data/use-entries"
import { undoChangeSet } from "../data/use-undo"

/** Takes a change set back, which is a change set itself and can be taken back too. */
export function useTakeBack(place: Place) {
  const { t } = useTranslation("knowledge")
  const queries = useQueryClient()
  const stored = useStored(place)
  const sentence = useSentence()
  return useMutation({
    mutationFn: (id: string) => undoChangeSet(place, id, stored),
    onSuccess: () => {
      told(t("undo.done"))
      return queries.invalidateQueries({ queryKey: ["get", CHANGES] })
    },
    onError: error => complained(sentence(error)),
  })
}
