import createFetchClient, { type Middleware } from "openapi-fetch"
import createQueryClient from "openapi-react-query"
import { Problem, problemOf } from "@/api/problem"
import type { components, paths } from "@/api/schema"
import { i18n } from "@/app/i18n"

/** Raises Problem for whatever is no success, so that pages know one kind of error only. */
const problems: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", i18n.language)
    return request
  },
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response)
  },
  onError({ error }) {
    return error instanceof Problem || isAbort(error) ? (error as Error) : new Problem(0)
  },
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError"
}

/** For what is not shown by a query: downloads, uploads, streams. */
export const http = createFetchClient<paths>({ baseUrl: window.location.origin })
http.use(problems)

/** `api.useQuery("get", "/api/v1/...", {params})`, `api.useMutation("post", ...)`; errors are Problems. */
export const api = createQueryClient(http)

/** A type of the API's document by its name: `Schema<"KnowledgePublic">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name]
