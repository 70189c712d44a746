import { Alert, Badge, Group, List } from "@mantine/core"
import { IconAlertTriangle, IconCheck, IconLanguage } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"
import type { Try } from "./use-try"

/** What a person should know before trusting the draft, in plain words. */
export function Flags({ tried: { result, draft, entries } }: { tried: Try }) {
  const { t, i18n } = useTranslation("playground")
  if (!result || !draft) return null
  const kinds = result.removed.map(kind => t(`removed.${kind}`, { defaultValue: t("removed.other") }))
  const removed = new Intl.ListFormat(i18n.language).format(new Set(kinds))
  const failure = t(`failure.${result.model_failure}`, { defaultValue: t("failure.other") })
  const said = [
    draft.open_questions.length > 0 && t("flag.open", { count: draft.open_questions.length }),
    result.needs_human && draft.open_questions.length === 0 && t("flag.needsHuman"),
    removed && t("flag.removed", { kinds: removed }),
    result.model_failure && t("flag.modelFailure", { why: failure }),
    !entries.some(({ used }) => used) && t("flag.withoutKnowledge"),
  ].filter(flag => typeof flag === "string" && flag)
  return (
    <>
      <Group gap="xs">
        <Badge
          variant="light"
          size="lg"
          tt="none"
          color={said.length > 0 ? "orange" : "green"}
          leftSection={said.length > 0 ? <IconAlertTriangle size={16} /> : <IconCheck size={16} />}
        >
          {said.length > 0 ? t("flag.look") : t("flag.fine")}
        </Badge>
        <Badge variant="light" size="lg" tt="none" color="gray" leftSection={<IconLanguage size={16} />}>
          {t(`language.${draft.language}`)}
        </Badge>
      </Group>
      {said.length > 0 && (
        <Alert color="orange" variant="light" role="note" aria-label={t("flag.look")}>
          <List size="sm" spacing={4}>
            {said.map(flag => (
              <List.Item key={String(flag)}>{flag}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  )
}
