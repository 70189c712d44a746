import { QueryCache, QueryClient } from "@tanstack/react-query"
import { Problem } from "@/api/problem"

const RETRIES = 2

/** `onLoggedOut` is called when an answer says that nobody is logged in any more. */
export function createQueries(onLoggedOut: () => Promise<void>): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: error => {
        if (error instanceof Problem && error.status === 401) void onLoggedOut()
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        networkMode: "always", // a house's own server is reachable without the internet
        retry: (failures, error) => failures < RETRIES && mayPass(error),
        retryDelay: failures => 500 * 2 ** failures,
      },
      mutations: { networkMode: "always" },
    },
  })
}

/** Whether asking again may help: nothing came back, or the server is in trouble. */
function mayPass(error: Error): boolean {
  return error instanceof Problem && (error.status === 0 || error.status >= 502)
}
