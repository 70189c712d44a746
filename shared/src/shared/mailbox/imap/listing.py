"""A message's outside, out of one FETCH response."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256

from shared.mailbox.imap.reader import Items, Query
from shared.mailbox.imap.responses import Value, flags_of, number_of
from shared.mailbox.protocol import MessageRef, Seen

OUTSIDE = Query(
    "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM)])", key=b"RFC822.SIZE"
)
BARE = Query("(UID FLAGS INTERNALDATE)", key=b"INTERNALDATE")
"""What servers know without opening the message."""

_DOMAIN = b"kinamik message fingerprint 1"
_FIELD = re.compile(rb"^(message-id|date|from)[ \t]*:((?:.*)(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)


def seen(ref: MessageRef, items: Items) -> Seen:
    """What an answer to `OUTSIDE` says; to `BARE`, or nothing at all, stands for a message that cannot be read."""
    size = number_of(items.get(b"RFC822.SIZE")) or 0
    header = _header(body(items) or b"")
    return Seen(
        ref=ref,
        internal_date=_date(items.get(b"INTERNALDATE")) or datetime.now(UTC),  # so that it is not taken for an old one
        size=size,
        fingerprint=_fingerprint(header, size),
        flags=flags_of(items.get(b"FLAGS")),
        sent_at=_date(header.get(b"date")),
    )


def body(items: Items) -> bytes | None:
    """The BODY[...] item, whatever section it is of."""
    return next(
        (value for name, value in items.items() if name.startswith(b"BODY[") and isinstance(value, bytes)), None
    )


def fingerprint(header: bytes, size: int) -> bytes:
    """SHA-256 over the first Message-ID, Date and From, white space folded, and the size in bytes."""
    return _fingerprint(_header(header), size)


def _header(text: bytes) -> dict[bytes, bytes]:
    """The first of each field, by its name in small letters."""
    fields: dict[bytes, bytes] = {}
    for match in _FIELD.finditer(text):
        fields.setdefault(match[1].lower(), b" ".join(match[2].split()))
    return fields


def _fingerprint(fields: dict[bytes, bytes], size: int) -> bytes:
    digest = sha256(_DOMAIN)
    for value in (fields.get(b"message-id", b""), fields.get(b"date", b""), fields.get(b"from", b""), b"%d" % size):
        digest.update(b"%d:" % len(value) + value)
    return digest.digest()


def message_ids(header_items: Iterable[Items]) -> Iterator[str]:
    """The Message-ID of each of several FETCH responses that has one."""
    for items in header_items:
        match = _FIELD.search(body(items) or b"")
        if match is not None:
            yield match[2].strip().decode("utf-8", "replace")


def _date(value: Value) -> datetime | None:
    """An INTERNALDATE, or a Date; None for one that cannot be read."""
    if not isinstance(value, bytes):
        return None
    try:
        found = parsedate_to_datetime(value.strip().decode("ascii"))
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
