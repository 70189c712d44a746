"""Reports of mail systems: bounces and delays (RFC 3464), read receipts (RFC 8098), complaints (RFC 5965).

Many bounces predate the standard or ignore it, so that the sender, the subject and the text have to speak for
them. A mail that forwards or answers a bounce is a customer's: its subject carries a prefix, its sender a name.
A bounce with `Re:` in front refers to nothing.
"""

import re

from ingest.gate.headers import content_type, header
from shared.mailbox.mime import Parsed

_NULL_PATH = re.compile(r"^<?(mailer-daemon(@[^>]*)?)?>?$")
_DAEMON = re.compile(r"\bmailer[-_]?daemon\b|\bmdaemon@|\bmail delivery (sub)?system\b|<\s*>")
_POSTMASTER = re.compile(
    r"\bpostmaster\b|\bsystem administrator\b|\bmail(ing)? administrator\b|\bdelivery (sub)?(system|service)\b"
    r"|\bndr@|smtp|mail_?adm\b|antivirus"
)
_SUBJECT = re.compile(
    r"undeliver|not (be )?delivered|non-?delivery|failure notice|fail(ed|ure) (mail|delivery)|returned mail"
    r"|delivery (has )?(fail|status|report|error|problem|notification|warning)|(mail|message) delivery"
    r"|mail system error|(mail|message) (has been )?delayed|delayed mail|rejected mail"
    r"|unzustellbar|nicht zugestellt|zustellung\w*.{0,40}(fehl|verz|nicht)|zustell(fehler|bericht)"
)
_FORWARDED = re.compile(r"^\W*(fwd?|wg|tr)\b.{0,5}:")
_ANSWERED = re.compile(r"^\W*(re|aw|antw|sv)\b.{0,5}:")
_TEXT = re.compile(
    r"\b[45]\d\d[ -]#?[45]\.\d+\.\d+\b|\brcpt to:|smtp error|failed recipient|(could|can) ?not be delivered"
    r"|unable to deliver|user unknown|unknown user|mailbox unavailable|recipients? (failed|could not)"
    r"|not delivered to|konnte nicht zugestellt|delivery (of|to) .{0,80}failed"
)
_DELIVERY_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_TEXT_READ = 4000


def report(parsed: Parsed) -> str | None:
    """Reason for anything that a mail system reports to us."""
    media_type, report_type = content_type(parsed)
    if media_type == "multipart/report":
        return _by_report_type(report_type)
    if header(parsed, "x-failed-recipients") or _DAEMON.search(header(parsed, "from")):
        return "bounce"
    return "bounce" if _looks_like_bounce(parsed) else None


def null_path(parsed: Parsed) -> str | None:
    """The null return path: whoever sent it wants no answer (RFC 5321, 4.5.5)."""
    return "bounce" if is_null_path(parsed) else None


def is_null_path(parsed: Parsed) -> bool:
    """Whether Return-Path is there and empty; some servers write their daemon's name into it."""
    value = header(parsed, "return-path")
    return bool(value) and _NULL_PATH.search(value) is not None


def _by_report_type(report_type: str) -> str:
    if report_type in ("disposition-notification", "global-disposition-notification"):
        return "read_receipt"
    return "bounce" if report_type in ("", "delivery-status", "global-delivery-status") else "machine_report"


def _looks_like_bounce(parsed: Parsed) -> bool:
    told = _subject_tells(parsed)
    enclosed = not _DELIVERY_PARTS.isdisjoint(parsed.content_types)
    if _POSTMASTER.search(header(parsed, "from")):
        return told or enclosed
    sender = parsed.mail.sender
    nameless = sender is None or not sender.name
    return told and nameless and _TEXT.search(parsed.mail.body[:_TEXT_READ].casefold()) is not None


def _subject_tells(parsed: Parsed) -> bool:
    mail = parsed.mail
    subject = mail.subject.casefold()
    if _FORWARDED.search(subject) or (_ANSWERED.search(subject) and (mail.in_reply_to or mail.references)):
        return False
    return _SUBJECT.search(subject) is not None
