import { Box, Progress, Stepper, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { Step } from "./way"
import { type Begun, mayBe, useGo, WAY } from "./way"

/** How far it is; what is behind can be gone back to. On a phone it is a line and a bar. */
export function Steps({ current, begun }: { current: Step; begun: Begun }) {
  const { t } = useTranslation("start")
  const go = useGo()
  const active = WAY.indexOf(current)
  const open = (index: number) => {
    const step = WAY[index]
    if (step) go({ step, organisation: begun.organisation?.id })
  }
  const line = t("steps.line", { number: active + 1, total: WAY.length, name: t(`steps.${current}`) })
  return (
    <Box component="nav" aria-label={t("steps.label")} mb="xl">
      <Stepper active={active} onStepClick={open} size="sm" visibleFrom="sm">
        {WAY.map((step, index) => (
          <Stepper.Step
            key={step}
            label={t(`steps.${step}`)}
            allowStepSelect={index < active && mayBe(step, begun)}
            aria-current={step === current ? "step" : undefined}
          />
        ))}
      </Stepper>
      <Box hiddenFrom="sm">
        <Text size="sm" c="dimmed" mb={6}>
          {line}
        </Text>
        <Progress value={((active + 1) / WAY.length) * 100} aria-label={line} />
      </Box>
    </Box>
  )
}
