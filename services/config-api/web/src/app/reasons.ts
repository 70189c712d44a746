import { useTranslation } from "react-i18next"

/** Why no draft came of a message, as ingest, drafter and writer name it. */
export const REASONS = {
  skipped: [
    "already_answered",
    "arrived_while_off",
    "auto_submitted",
    "bounce",
    "bulk",
    "calendar",
    "colleague",
    "daily_limit",
    "deleted",
    "draft",
    "empty",
    "machine_report",
    "mailing_list",
    "message_gone",
    "newsletter",
    "no_answer_expected",
    "no_reply_address",
    "no_sender",
    "other_mailbox",
    "out_of_office",
    "own_mail",
    "plan_ended",
    "read_receipt",
    "spam",
    "switched_off",
    "token_budget",
  ],
  failed: [
    "assistant_unknown",
    "content_key_destroyed",
    "content_not_allowed",
    "draft_too_large",
    "folder_missing",
    "gave_up",
    "host_not_public",
    "internal_error",
    "model_answer_unusable",
    "model_credentials_refused",
    "model_not_found",
    "model_refused",
    "model_request_rejected",
    "no_drafts_folder",
    "quota_exceeded",
    "seal_broken",
    "tls_required",
    "undecodable",
    "unreadable",
  ],
} as const

/** A function that says a reason in a few plain words. */
export function useReason(): (reason: string) => string {
  const { t } = useTranslation("activity")
  return reason => t(`reason.${reason}`, { defaultValue: t("reason.other") })
}
