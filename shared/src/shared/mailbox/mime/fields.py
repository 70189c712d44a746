"""Dates and message ids out of header values, repaired where that is safe."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from shared.mailbox.mime import limits

_ID: Final = re.compile(r"<([^<>]{1,2000})>")


def date(text: str) -> datetime | None:
    """An aware datetime, in UTC where the zone is unknown (RFC 5322, 3.3); None where it is no date."""
    text = text[:200].strip()
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(text)
            return found if found.utcoffset() is not None else found.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def message_id(text: str) -> str | None:
    """The id with its angle brackets, added where they are missing; None where there is no id (RFC 5322, 3.6.4)."""
    found = message_ids(text)
    if found:
        return found[0]
    bare = text.strip().strip("<>").split()
    return _bracketed(bare[0]) if bare else None


def message_ids(text: str) -> tuple[str, ...]:
    """All ids in order, each once, with angle brackets; the middle left out where there are more than 100."""
    found = ["".join(inner.split()) for inner in _ID.findall(text)]
    if not any(found):
        found = [token.strip("<>,;\"'") for token in text.split() if "@" in token]
    ids = list(dict.fromkeys(_bracketed(bare) for bare in found if 0 < len(bare) <= limits.ID_CHARS))
    return tuple(ids if len(ids) <= limits.IDS else [ids[0], *ids[1 - limits.IDS :]])


def _bracketed(bare: str) -> str:
    return f"<{bare[: limits.ID_CHARS]}>"
