import type { UseFormReturnType } from "@mantine/form"
import { useEffect, useRef } from "react"
import { Problem } from "@/api/problem"

/**
 * Puts what the API says about single fields beside them. Returns whether every complaint found its field, and so
 * whether there is nothing left for a ProblemAlert to say.
 */
export function showFaults<Values extends Record<string, unknown>>(
  form: UseFormReturnType<Values>,
  error: unknown,
): boolean {
  if (!(error instanceof Problem) || error.errors?.length === 0) return false
  const faults = error.fields
  form.setErrors(faults)
  return Object.keys(faults).every(path => (path.split(".")[0] ?? "") in form.getValues())
}

/**
 * Keeps what was typed and not saved, in this tab only, across reloads and ways to and fro; `key` names the form.
 * Returns a function to be called once it is saved. Never for forms with passwords.
 */
export function useKeptForm<Values extends Record<string, unknown>>(
  form: UseFormReturnType<Values>,
  key: string,
): () => void {
  const place = `kept:${key}`
  const opened = useRef(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the form is another object with every keystroke
  useEffect(() => {
    if (!opened.current) {
      opened.current = true
      const kept = sessionStorage.getItem(place)
      if (kept) form.setValues({ ...form.getValues(), ...(JSON.parse(kept) as Partial<Values>) })
    } else if (form.isDirty()) {
      sessionStorage.setItem(place, JSON.stringify(form.getValues()))
    } else {
      sessionStorage.removeItem(place)
    }
  }, [form.values, place])
  return () => {
    sessionStorage.removeItem(place)
    form.resetDirty()
  }
}

/** Takes whoever sent a form to the first field that is not right, as a handler of `form.onSubmit`. */
export function toFirstFault<Values extends Record<string, unknown>>(
  form: UseFormReturnType<Values>,
): (faults: Record<string, unknown>) => void {
  return faults => {
    const [first] = Object.keys(faults)
    if (first) form.getInputNode(first)?.focus()
  }
}
