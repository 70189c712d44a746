import { Box, Button, Code, Group, Stack, Text } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { useTranslation } from "react-i18next"
import { type ApiDocument, type ApiSchema, objectOf, typeOf } from "./document"

/** The fields of an object, in which there may be further ones. */
export function Fields({ schema, document }: { schema: ApiSchema; document: ApiDocument }) {
  const fields = Object.entries(schema.properties ?? {})
  if (fields.length === 0) return null
  return (
    <Stack component="ul" gap="sm" m={0} p={0}>
      {fields.map(([name, field]) => {
        const required = schema.required?.includes(name) ?? false
        return <Field key={name} name={name} schema={field} document={document} required={required} />
      })}
    </Stack>
  )
}

interface FieldProps {
  name: string
  schema: ApiSchema
  document: ApiDocument
  required: boolean
}

function Field({ name, schema, document, required }: FieldProps) {
  const { t } = useTranslation("apidocs")
  const [opened, { toggle }] = useDisclosure()
  const inside = objectOf(schema, document)
  const about = [typeOf(schema), schema.in, required && t("required")].filter(Boolean).join(" · ")
  return (
    <Box component="li" style={{ listStyle: "none", overflowWrap: "anywhere" }}>
      <Group gap={8}>
        <Code>{name}</Code>
        <Text size="sm">{about}</Text>
        {inside && (
          <Button size="compact-xs" variant="light" aria-expanded={opened} onClick={toggle}>
            {opened ? t("less", { name }) : t("more", { name })}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" lang="en">
        {schema.description}
      </Text>
      {inside && opened && (
        <Box pl="md" mt="xs" style={{ borderInlineStart: "2px solid var(--mantine-color-default-border)" }}>
          <Fields schema={inside} document={document} />
        </Box>
      )}
    </Box>
  )
}
