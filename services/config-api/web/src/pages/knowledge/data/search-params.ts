import { VALIDITIES, type Validity, type Wanted } from "./search"

/** What the page's address says: what is looked for, and which dialog is open, so that the back button closes it. */
export interface KnowledgeSearch extends Wanted {
  /** The entry that is edited in a form. */
  entry?: string
  /** The question with which a new entry begins. */
  new?: string
  /** The entry whose history is shown. */
  history?: string
}

export function knowledgeSearch(search: Record<string, unknown>): KnowledgeSearch {
  const text = (name: string) => (search[name] ? String(search[name]) : undefined)
  const validity = VALIDITIES.find(each => each === search.validity) as Validity | undefined
  const fresh = search.new === undefined ? undefined : String(search.new)
  const wanted = { q: text("q"), tag: text("tag"), language: text("language"), validity }
  return { ...wanted, entry: text("entry"), new: fresh, history: text("history") }
}
