import { useRouter } from "@tanstack/react-router"
import { api } from "@/api/client"
import { useForgetEverything } from "@/app/account"
import { markLogIn } from "@/app/visitor"

/** Logs in and goes to `next`, from where "back" does not lead to the log-in again. */
export function useLogIn(next: string) {
  const router = useRouter()
  const forget = useForgetEverything()
  return api.useMutation("post", "/api/v1/auth/login", {
    onSuccess: () => {
      forget()
      markLogIn()
      router.history.replace(next)
    },
  })
}
