/** As much of an OpenAPI document (3.1) as the page shows. */
export interface ApiSchema {
  $ref?: string
  /** Of a parameter: path, query, header. */
  in?: string
  type?: string
  format?: string
  description?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: ApiSchema[]
  items?: ApiSchema
  properties?: Record<string, ApiSchema>
  required?: string[]
}

export type Body = { description?: string; content?: Record<string, { schema?: ApiSchema }> }
type Parameter = { name: string; in: string; required?: boolean; description?: string; schema: ApiSchema }

export interface Operation {
  method: string
  path: string
  summary: string
  description?: string
  tags?: string[]
  parameters?: Parameter[]
  requestBody?: Body
  responses: Record<string, Body>
}

export interface ApiDocument {
  paths: Record<string, Record<string, Omit<Operation, "method" | "path">>>
  components: { schemas: Record<string, ApiSchema> }
}

/** Operations by tag, as the document has them. */
export function byTag(document: ApiDocument, q: string): Map<string, Operation[]> {
  const all = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ ...operation, method, path })),
  )
  const words = q.toLowerCase().split(/\s+/)
  const text = ({ method, path, summary, description, tags }: Operation) =>
    [method, path, summary, description, ...(tags ?? [])].join(" ").toLowerCase()
  const found = all.filter(operation => words.every(word => text(operation).includes(word)))
  const tags = new Set(found.flatMap(({ tags = [] }) => tags.slice(0, 1)))
  return new Map([...tags].map(tag => [tag, found.filter(({ tags }) => tags?.[0] === tag)]))
}

/** "KnowledgePublic" of "#/components/schemas/KnowledgePublic". */
const nameOf = (ref: string) => ref.slice(ref.lastIndexOf("/") + 1)

export function typeOf(schema: ApiSchema): string {
  if (schema.$ref) return nameOf(schema.$ref)
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ")
  if (schema.items) return `${typeOf(schema.items)}[]`
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map(each => JSON.stringify(each)).join(" | ")
  return schema.format ? `${schema.type} (${schema.format})` : (schema.type ?? "any")
}

/** What is in it: an object's own schema, an array's items', the one of a choice that has any. */
export function objectOf(schema: ApiSchema, document: ApiDocument): ApiSchema | undefined {
  if (schema.$ref) return objectOf(document.components.schemas[nameOf(schema.$ref)] ?? {}, document)
  if (schema.items) return objectOf(schema.items, document)
  if (schema.properties) return schema
  return schema.anyOf?.map(each => objectOf(each, document)).find(Boolean)
}

/** Parameters as the fields of one object. */
export function parametersOf(parameters: Parameter[]): ApiSchema {
  const fields = parameters.map(each => [
    each.name,
    { ...each.schema, description: each.description, in: each.in },
  ])
  const required = parameters.filter(each => each.required).map(({ name }) => name)
  return { properties: Object.fromEntries(fields), required }
}
