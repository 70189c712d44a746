import { Alert, Button, Group, Stack } from "@mantine/core"
import { IconCircleCheck } from "@tabler/icons-react"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"

interface DoneStepProps {
  title: string
  text: string
  onNext: () => void
  /** Where what is there already can be looked at. */
  children: ReactNode
}

/** Stands for a step that was taken before. */
export function DoneStep({ title, text, onNext, children }: DoneStepProps) {
  const { t } = useTranslation("start")
  return (
    <Stack>
      <Alert variant="light" color="green" icon={<IconCircleCheck aria-hidden />} title={title}>
        {text}
      </Alert>
      <Group>
        <Button size="md" onClick={onNext}>
          {t("next")}
        </Button>
        {children}
      </Group>
    </Stack>
  )
}
