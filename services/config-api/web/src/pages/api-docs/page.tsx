import { Accordion, Anchor, Code, Container, Stack, Text, TextInput, Title } from "@mantine/core"
import { IconSearch } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { useDeferredValue, useState } from "react"
import { useTranslation } from "react-i18next"
import { http } from "@/api/client"
import { PageHeader } from "@/components/page-header"
import { ProblemAlert } from "@/components/problem-alert"
import { Waiting } from "@/components/waiting"
import { type ApiDocument, byTag } from "./document"
import { OperationView } from "./operation-view"

const DOCUMENT = "/openapi.json"

/** The API for other programs, from its OpenAPI document. */
export function ApiDocsPage() {
  const { t } = useTranslation("apidocs")
  const [q, setQ] = useState("")
  const wanted = useDeferredValue(q)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: [DOCUMENT],
    // Nothing types it: it does not describe itself.
    queryFn: async () => (await http.GET(DOCUMENT as never, {} as never)).data as unknown as ApiDocument,
  })
  const tags = data ? [...byTag(data, wanted)] : []
  const example = `curl -H "Authorization: Bearer kin_…" ${window.location.origin}/api/v1/organisations`
  return (
    <Container size="md" py="xl">
      <PageHeader title={t("title")} text={t("text")} />
      <Stack gap="md" mb="xl">
        <Text>{t("key")}</Text>
        <Code block tabIndex={0} aria-label={t("example")}>
          {example}
        </Code>
        <Text>{t("errors")}</Text>
        <Anchor href={DOCUMENT}>{t("document")}</Anchor>
      </Stack>
      {isPending && <Waiting />}
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {data && (
        <TextInput
          type="search"
          label={t("search")}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={q}
          onChange={event => setQ(event.currentTarget.value)}
          mb="lg"
        />
      )}
      {data && tags.length === 0 && <Text role="status">{t("nothing")}</Text>}
      {data &&
        tags.map(([tag, operations]) => (
          <Stack key={tag} gap="xs" mb="xl">
            <Title order={2} size="h4" tt="capitalize" lang="en">
              {tag}
            </Title>
            <Accordion variant="contained" multiple order={3} keepMounted={false}>
              {operations.map(operation => (
                <OperationView
                  key={`${operation.method} ${operation.path}`}
                  operation={operation}
                  document={data}
                />
              ))}
            </Accordion>
          </Stack>
        ))}
    </Container>
  )
}
