import { Button, Collapse, Group, Stack, Text } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { IconBulb, IconChevronDown, IconChevronUp, IconPlus } from "@tabler/icons-react"
import { useTranslation } from "react-i18next"

const EXAMPLES = ["tone", "prices", "complaint", "missing", "short"] as const

interface InstructionExamplesProps {
  /** The instructions as they are: what stands there is not offered again. */
  present: string
  onAdd: (sentence: string) => void
}

/** Sentences that have proved good, to be taken over with a click. */
export function InstructionExamples({ present, onAdd }: InstructionExamplesProps) {
  const { t } = useTranslation("assistant")
  const [opened, { toggle }] = useDisclosure()
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        mt={6}
        onClick={toggle}
        aria-expanded={opened}
        leftSection={<IconBulb size={16} aria-hidden />}
        rightSection={opened ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
      >
        {t("examples.toggle")}
      </Button>
      <Collapse expanded={opened}>
        <Stack gap="xs" mt="xs" component="ul" p={0} my={0} style={{ listStyle: "none" }}>
          {EXAMPLES.map(example => {
            const sentence = t(`examples.${example}`)
            return (
              <Group key={example} component="li" justify="space-between" wrap="nowrap" gap="sm">
                <Text size="sm">{sentence}</Text>
                <Button
                  variant="light"
                  size="compact-sm"
                  flex="none"
                  leftSection={<IconPlus size={14} aria-hidden />}
                  disabled={present.includes(sentence)}
                  onClick={() => onAdd(sentence)}
                  aria-label={t("examples.addOne", { sentence })}
                >
                  {t("examples.add")}
                </Button>
              </Group>
            )
          })}
        </Stack>
      </Collapse>
    </>
  )
}
