import { Accordion, Badge, Code, Group, Stack, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { type ApiDocument, type Body, type Operation, objectOf, parametersOf, typeOf } from "./document"
import { Fields } from "./fields"

const COLORS: Record<string, string> = { get: "blue", post: "green", patch: "orange", delete: "red" }

export function OperationView({ operation, document }: { operation: Operation; document: ApiDocument }) {
  const { t } = useTranslation("apidocs")
  const { method, path, summary, description, parameters = [], requestBody, responses } = operation
  return (
    <Accordion.Item value={`${method}${path.replace(/\W+/g, "-")}`}>
      <Accordion.Control>
        <Group gap="xs">
          <Badge variant="light" color={COLORS[method] ?? "gray"} w={72}>
            {method}
          </Badge>
          <Code style={{ overflowWrap: "anywhere" }}>{path}</Code>
          <Text size="sm" c="dimmed" lang="en">
            {summary}
          </Text>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="md">
          <Text size="sm" lang="en">
            {description}
          </Text>
          <Fields schema={parametersOf(parameters)} document={document} />
          {requestBody && <Part title={t("body")} body={requestBody} document={document} />}
          {Object.entries(responses).map(([status, response]) => {
            const title = status === "default" ? t("problem") : t("answer", { status })
            return <Part key={status} title={title} body={response} document={document} />
          })}
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  )
}

/** What is sent or answered, in each of its forms. */
function Part({ title, body, document }: { title: string; body: Body; document: ApiDocument }) {
  return (
    <Stack gap="xs">
      <Title order={4} size="h6">
        {title}
      </Title>
      <Text size="sm" c="dimmed" lang="en">
        {body.description}
      </Text>
      {Object.entries(body.content ?? {}).map(([media, { schema = {} }]) => (
        <Stack key={media} gap="xs">
          <Text size="sm">
            <Code>{media}</Code> {typeOf(schema)}
          </Text>
          <Fields schema={objectOf(schema, document) ?? {}} document={document} />
        </Stack>
      ))}
    </Stack>
  )
}
