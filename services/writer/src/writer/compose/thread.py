"""What makes the draft part of its conversation: subject, In-Reply-To and References."""

import re
from typing import Literal

from shared.mail import Mail
from writer.compose.text import line

_PREFIXES = re.compile(r"^(?:(?:re|aw|antw|antwort|sv|vs)\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]\s*)+", re.IGNORECASE)
_ID = re.compile(r"<[!-;=?-~]{1,500}>")
_MAX_REFERENCES = 20
_MAX_SUBJECT = 250

Language = Literal["de", "en"]


def reply_subject(subject: str, language: Language) -> str:
    """The subject with exactly one prefix for an answer. A forward's prefix is part of the subject."""
    prefix, unnamed = ("AW:", "Ihre Nachricht") if language == "de" else ("Re:", "Your message")
    return f"{prefix} {_PREFIXES.sub('', line(subject, _MAX_SUBJECT)) or unnamed}"


def parent(mail: Mail) -> str | None:
    """In-Reply-To: the parent's Message-ID, None where it has none that can be repeated."""
    return _whole(mail.message_id) if mail.message_id else None


def references(mail: Mail) -> tuple[str, ...]:
    """References (RFC 5322, 3.6.4): the parent's, or its only In-Reply-To, then the parent's Message-ID.

    Empty where the parent has none. Of a long row the first and the latest ids stay.
    """
    own = parent(mail)
    if own is None:
        return ()
    earlier = mail.references or (mail.in_reply_to if len(mail.in_reply_to) == 1 else ())
    known = dict.fromkeys(found for found in map(_whole, earlier) if found and found != own)
    row = [*known, own]
    return tuple(row if len(row) <= _MAX_REFERENCES else [row[0], *row[1 - _MAX_REFERENCES :]])


def _whole(message_id: str) -> str | None:
    """The id in angle brackets, which some senders forget."""
    bare = message_id.strip()
    bracketed = bare if bare.startswith("<") else f"<{bare}>"
    return bracketed if _ID.fullmatch(bracketed) else None
