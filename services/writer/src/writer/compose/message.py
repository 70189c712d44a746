"""The draft as a message in bytes (RFC 5322, RFC 2045), with the CRLF line ends that IMAP asks for."""

from binascii import b2a_qp
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import NamedTuple

from shared.config import Assistant, Mailbox
from shared.events import DraftProposed
from shared.mail import Mail
from shared.mailbox.draft_name import draft_mark, draft_message_id
from shared.mailbox.protocol import Draft
from writer.compose.fields import FOLD, encoded, field
from writer.compose.markup import html_answer, html_page, rich
from writer.compose.quote import as_plain, attribution, quoted, zone
from writer.compose.recipients import Recipients, format_address, formatted, recipients
from writer.compose.text import block
from writer.compose.thread import parent, references, reply_subject

_MAX_DRAFT = 50_000
_MAX_SIGNATURE = 5_000
_MAX_SIGNATURE_HTML = 50_000


def compose(
    event: DraftProposed, *, mailbox: Mailbox, assistant: Assistant, now: datetime, signature: str = ""
) -> Draft:
    """The reply to `event.mail` with the draft in it; the same event always gives the same Message-ID.

    `signature` is HTML, for an assistant that has none of its own. Never raises over what a mail or a model contains:
    what cannot be written is left out. At most 2 MB.
    """
    own_id = draft_message_id(event.message_id, event.generation, mailbox.address)
    subject = reply_subject(event.mail.subject, event.draft.language)
    found = recipients(event.mail, mailbox, reply_all=assistant.reply_all)
    answer = _answer(event, assistant, signature)
    return Draft(
        message_id=own_id,
        answers=event.provider_id,
        raw=_message(event, own_id, [*_envelope(mailbox, assistant, found, subject, now)], mailbox, answer),
        subject=subject,
        to=found.to,
        cc=found.cc,
        html=answer.html,
    )


def _message(event: DraftProposed, own_id: str, envelope: list[str], mailbox: Mailbox, answer: "_Answer") -> bytes:
    boundary = f"=_{own_id[1:37]}"
    plain, html = _bodies(event, mailbox, answer)
    head = [
        *envelope,
        field("Message-ID", own_id),
        *_thread(event.mail),
        field("X-Kinamik-Draft", draft_mark(event.message_id, event.generation)),
        field("MIME-Version", "1.0"),
        field("Content-Type", f'multipart/alternative;{FOLD}boundary="{boundary}"'),
    ]
    parts = [*_part("plain", plain, boundary), *_part("html", html, boundary), f"--{boundary}--"]
    return "\r\n".join([*head, "", *parts, ""]).encode("ascii")


class _Answer(NamedTuple):
    """What we have to say, without the quote: draft and signature."""

    plain: str
    html: str


def _answer(event: DraftProposed, assistant: Assistant, signature: str) -> _Answer:
    draft, own = block(event.draft.body, _MAX_DRAFT), block(assistant.signature, _MAX_SIGNATURE)
    theirs = "" if own else block(signature, _MAX_SIGNATURE_HTML)
    plain = "\n\n".join(part for part in (draft, own or _as_text(theirs)) if part)
    return _Answer(plain, html_answer(draft, rich(own) or theirs))


def _as_text(html: str) -> str:
    if not html:
        return ""
    # Where it is needed only: the parser costs memory.
    from shared.mailbox.mime.html_text import render

    return block(render(html).text.strip(), _MAX_SIGNATURE)


def _bodies(event: DraftProposed, mailbox: Mailbox, answer: _Answer) -> tuple[str, str]:
    """Answer and quoted original, in this order, as plain text and as HTML."""
    mail, language = event.mail, event.draft.language
    quote = quoted(mail, language)
    intro = attribution(mail, event.received_at, mailbox.time_zone, language)
    blocks = [answer.plain, f"{intro}\n{as_plain(quote)}" if quote else ""]
    plain = "\n\n".join(part for part in blocks if part) + "\n"
    return plain, html_page(answer.html, intro, quote)


def _envelope(mailbox: Mailbox, assistant: Assistant, found: Recipients, subject: str, now: datetime) -> Iterator[str]:
    sender = format_address(assistant.organisation_name, mailbox.address)
    aware = now if now.tzinfo else now.replace(tzinfo=UTC)
    yield field("Date", format_datetime(aware.astimezone(zone(mailbox.time_zone))))
    if sender:
        yield field("From", sender)
    if found.to:
        yield field("To", formatted(found.to))
    if found.cc:
        yield field("Cc", formatted(found.cc))
    yield field("Subject", encoded(subject, "Subject"))


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
