import type { Schema } from "@/api/client"

/** What a form about a mailbox's connection holds; named as the API names it, so that its complaints find their field. */
export type Connection = {
  address: string
  imap: Schema<"ImapCreate">
}

export const SECURITIES = ["tls", "starttls", "none"] as const
export const COMPLETE_ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

export type ServerField = "imap.host" | "imap.port" | "imap.security" | "imap.password"

const FIELDS: Record<string, ServerField> = {
  host_unknown: "imap.host",
  host_not_public: "imap.host",
  port_closed: "imap.port",
  tls_failed: "imap.security",
  tls_required: "imap.security",
  starttls_missing: "imap.security",
  not_imap: "imap.security",
  certificate_not_valid: "imap.host",
  credentials_refused: "imap.password",
  app_password_required: "imap.password",
  oauth_required: "imap.password",
}

/** The field to look at after a test that failed; for some reasons there is none, one can but try later. */
export function fieldOf(reason: string): ServerField | undefined {
  return FIELDS[reason]
}

/** The usual, where nothing is known of a provider. */
export function guess(address: string): Omit<Schema<"ImapCreate">, "password"> {
  const domain = address.split("@")[1] ?? ""
  return { host: domain ? `imap.${domain}` : "", port: 993, security: "tls", username: address }
}
