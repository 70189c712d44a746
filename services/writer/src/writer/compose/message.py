"""The draft as a message in bytes (RFC 5322, RFC 2045), with the CRLF line ends that IMAP asks for."""

from binascii import b2a_qp
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from shared.config import Assistant, Mailbox
from shared.events import DraftProposed
from shared.mail import Mail
from writer.compose.fields import FOLD, encoded, field
from writer.compose.markup import html_page
from writer.compose.quote import as_plain, attribution, quoted, zone
from writer.compose.recipients import format_address, recipients
from writer.compose.text import block
from writer.compose.thread import message_id, parent, references, reply_subject

_MAX_DRAFT = 50_000
_MAX_SIGNATURE = 5_000


@dataclass(frozen=True, slots=True)
class Composed:
    """A draft ready to be saved. `message_id` has its angle brackets and is also in `raw`."""

    message_id: str
    raw: bytes


def compose(event: DraftProposed, *, mailbox: Mailbox, assistant: Assistant, now: datetime) -> Composed:
    """The reply to `event.mail` with the draft in it; the same event always gives the same Message-ID.

    Never raises over what a mail or a model contains: what cannot be written is left out. At most 2 MB.
    """
    own_id = message_id(event.message_id, event.generation, mailbox)
    boundary = f"=_{own_id[1:37]}"
    plain, html = _bodies(event, mailbox, assistant)
    head = [
        *_envelope(event, mailbox, assistant, now),
        field("Message-ID", own_id),
        *_thread(event.mail),
        field("X-Kinamik-Draft", f"{event.message_id}/{event.generation}"),
        field("MIME-Version", "1.0"),
        field("Content-Type", f'multipart/alternative;{FOLD}boundary="{boundary}"'),
    ]
    parts = [*_part("plain", plain, boundary), *_part("html", html, boundary), f"--{boundary}--"]
    return Composed(own_id, "\r\n".join([*head, "", *parts, ""]).encode("ascii"))


def _bodies(event: DraftProposed, mailbox: Mailbox, assistant: Assistant) -> tuple[str, str]:
    """Draft, signature, quoted original, in this order, as plain text and as HTML."""
    mail, language = event.mail, event.draft.language
    draft, signature = block(event.draft.body, _MAX_DRAFT), block(assistant.signature, _MAX_SIGNATURE)
    quote = quoted(mail, language)
    intro = attribution(mail, event.received_at, mailbox.time_zone, language)
    blocks = [draft, signature, f"{intro}\n{as_plain(quote)}" if quote else ""]
    plain = "\n\n".join(part for part in blocks if part) + "\n"
    return plain, html_page(draft, signature, intro, quote)


def _envelope(event: DraftProposed, mailbox: Mailbox, assistant: Assistant, now: datetime) -> Iterator[str]:
    sender = format_address(assistant.organisation_name, mailbox.address)
    found = recipients(event.mail, mailbox, reply_all=assistant.reply_all)
    aware = now if now.tzinfo else now.replace(tzinfo=UTC)
    yield field("Date", format_datetime(aware.astimezone(zone(mailbox.time_zone))))
    if sender:
        yield field("From", sender)
    if found.to:
        yield field("To", f",{FOLD}".join(found.to))
    if found.cc:
        yield field("Cc", f",{FOLD}".join(found.cc))
    yield field("Subject", encoded(reply_subject(event.mail.subject, event.draft.language), "Subject"))


def _thread(mail: Mail) -> Iterator[str]:
    answered = parent(mail)
    if answered:
        yield field("In-Reply-To", answered)
        yield field("References", FOLD.join(references(mail)))


def _part(subtype: str, text: str, boundary: str) -> Iterator[str]:
    """A text part, quoted-printable (RFC 2045, 6.7): lines of any length survive, and none reads like the boundary."""
    yield f"--{boundary}"
    yield field("Content-Type", f"text/{subtype}; charset=utf-8")
    yield field("Content-Transfer-Encoding", "quoted-printable")
    yield ""
    yield b2a_qp(text.replace("\n", "\r\n").encode("utf-8"), istext=True).decode("ascii")
