import { Progress as Bar, Stack, Text, VisuallyHidden } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Try } from "./use-try"

const SHARE = { reading: 15, writing: 55, checking: 90 }

/** How far it is, in words and as a bar; its end is told to those who do not see it. */
export function Progress({ tried }: { tried: Try }) {
  const { t } = useTranslation("playground")
  const running = tried.phase === "running"
  const step = t(`step.${tried.step}`, { count: tried.found ?? 0 })
  return (
    <>
      <Stack gap={6} role="status" display={running ? undefined : "none"}>
        <Text size="sm">{running ? step : ""}</Text>
      </Stack>
      {running && (
        <Bar value={SHARE[tried.step]} animated aria-label={t("outcome.progress")} transitionDuration={400} />
      )}
      {!running && <VisuallyHidden role="status">{t(`phase.${tried.phase}`)}</VisuallyHidden>}
    </>
  )
}
