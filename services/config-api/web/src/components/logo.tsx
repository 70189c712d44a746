import { Group, Image, Text } from "@mantine/core"
import { LinkAnchor } from "@/components/links"

/** The name with its sign; leads home. */
export function Logo() {
  return (
    <LinkAnchor to="/" underline="never" c="inherit" aria-label="Kinamik">
      <Group gap={8} wrap="nowrap">
        <Image src="/favicon.svg" alt="" w={28} h={28} />
        <Text fw={700} size="lg" visibleFrom="xs">
          Kinamik
        </Text>
      </Group>
    </LinkAnchor>
  )
}
