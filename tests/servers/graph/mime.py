"""Between a message's bytes (RFC 5322) and its properties in Graph."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from typing import Any

Json = dict[str, Any]

_TAG = re.compile(r"<(style|head)\b.*?</\1>|<[^>]+>", re.DOTALL | re.IGNORECASE)


def stamp(at: datetime) -> str:
    """Whole seconds in UTC, as Outlook's times are."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def properties_of(raw: bytes, received: datetime) -> Json:
    """What Graph tells of a message that arrived."""
    message = message_from_bytes(raw, policy=policy.default)
    sender = _recipients(message, "From")
    html = _html_of(message)
    return {
        "receivedDateTime": stamp(received),
        "sentDateTime": stamp(_date_of(message) or received),
        "hasAttachments": any(True for _ in message.iter_attachments()) if message.is_multipart() else False,
        "internetMessageId": str(message.get("Message-ID", "")) or None,
        "subject": str(message.get("Subject", "")),
        "bodyPreview": preview(html),
        "body": {"contentType": "html", "content": html},
        "sender": sender[0] if sender else None,
        "from": sender[0] if sender else None,
        "toRecipients": _recipients(message, "To"),
        "ccRecipients": _recipients(message, "Cc"),
        "bccRecipients": [],
        "replyTo": _recipients(message, "Reply-To"),
        "internetMessageHeaders": [{"name": name, "value": str(value)} for name, value in message.items()],
    }


def in_reply_to(raw: bytes) -> str:
    return str(message_from_bytes(raw, policy=policy.default).get("In-Reply-To", ""))


def bytes_of(draft: Json, answers: str) -> bytes:
    """A draft's MIME content. `answers` is the Message-ID of what it replies to, or empty."""
    message = EmailMessage(policy=policy.SMTP)
    for header, name in (("From", "from"), ("To", "toRecipients"), ("Cc", "ccRecipients")):
        given = draft[name] if isinstance(draft[name], list) else [draft[name]]
        people = [_address(one["emailAddress"]) for one in given if one]
        if people:
            message[header] = ", ".join(people)
    message["Subject"] = draft["subject"]
    message["Message-ID"] = draft["internetMessageId"]
    message["Date"] = format_datetime(datetime.fromisoformat(draft["createdDateTime"]))
    if answers:
        message["In-Reply-To"] = message["References"] = answers
    message.set_content(draft["body"]["content"], subtype=draft["body"]["contentType"].replace("text", "plain"))
    return message.as_bytes()


def preview(html: str) -> str:
    """The first 255 characters without markup."""
    return re.sub(r"\s+", " ", _TAG.sub(" ", html)).replace("&nbsp;", " ").strip()[:255]


def _recipients(message: Any, header: str) -> list[Json]:
    found = message.get(header)
    return [
        {"emailAddress": {"name": one.display_name or one.addr_spec, "address": one.addr_spec}}
        for one in getattr(found, "addresses", ())
    ]


def _address(one: Json) -> str:
    name = one.get("name", "").replace('"', "")
    return f'"{name}" <{one["address"]}>' if name else f"<{one['address']}>"


def _date_of(message: Any) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message["Date"])).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def _html_of(message: Any) -> str:
    """Graph shows every body as HTML unless it is asked for text."""
    body = message.get_body(("html", "plain"))
    if body is None:
        return "<html><head></head><body></body></html>"
    text = body.get_content()
    if body.get_content_subtype() == "html":
        return text
    lines = escape(text.replace("\r\n", "\n")).replace("\n", "<br>\r\n")
    return f'<html><head></head><body><div class="PlainText">{lines}</div></body></html>'
