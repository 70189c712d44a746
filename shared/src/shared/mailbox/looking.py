"""Looking into a mailbox for somebody who is waiting: the newest mail that wants an answer, or one of our drafts.

Each provider has functions for both (`imap/looking.py`, `gmail/looking.py`, `graph/looking.py`); here is what they
share. Nothing is changed, and nothing marked as read.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.mail import Mail
from shared.mailbox.mime import Parsed, parse
from shared.mailbox.protocol import Fetched, MessageUnreadable

LOOKED_AT = 200
"""Of the newest messages in a folder so many are looked at, however full it is."""
NEWEST_DRAFTS = 50
SIGNS = ("AUTO-SUBMITTED", "LIST-ID", "LIST-UNSUBSCRIBE", "PRECEDENCE", "X-SPAM-FLAG")
"""The headers that tell of machines."""

_DONE = frozenset({"\\answered", "\\deleted", "\\draft", "$junk", "junk"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that nobody has answered; `received_at` is the server's own time, in IMAP and Graph in whole seconds."""

    received_at: datetime
    mail: Mail


@dataclass(frozen=True, slots=True)
class FoundDraft:
    """One of our drafts, in the folder of that name. `mail.body` quotes what it answers, each line behind `>`."""

    folder: str
    mail: Mail


def is_done_with(flags: Iterable[str]) -> bool:
    """Whether a flag (RFC 9051, 2.3.2) says that nobody waits for an answer."""
    return not _DONE.isdisjoint(flag.casefold() for flag in flags)


def header_of(fields: Iterable[tuple[str, str]]) -> Parsed:
    """Header fields that a provider tells one by one, as if they had come in a message."""
    lines = (f"{name}: {' '.join(value.split())}\r\n" for name, value in fields)
    return parse("".join([*lines, "\r\n"]).encode(errors="replace"))


def is_from_a_person(header: Parsed, own: frozenset[str]) -> bool:
    """As far as its `From` and `SIGNS` tell. `own` are addresses in small letters whose mail is our own.

    Mail without any sender is none: nobody could be answered.
    """
    sender = header.mail.sender
    return sender is not None and sender.address.casefold() not in own and not _is_of_a_machine(header)


async def read(messages: AsyncIterator[Fetched]) -> Mail | None:
    """The first of the messages; None where it is gone meanwhile, or cannot be read."""
    try:
        async for fetched in messages:
            return (await asyncio.to_thread(parse, fetched.raw, truncated=fetched.truncated)).mail
    except MessageUnreadable:
        return None
    return None


def _is_of_a_machine(header: Parsed) -> bool:
    """By the plainest signs (RFC 3834, RFC 2919, RFC 2369). What has only these is hardly ever a customer's."""
    values = {name: next(iter(header.headers.get(name.lower(), ())), "").strip().lower() for name in SIGNS}
    return (
        values["AUTO-SUBMITTED"] not in ("", "no")
        or bool(values["LIST-ID"] or values["LIST-UNSUBSCRIBE"])
        or values["PRECEDENCE"] in ("bulk", "list", "junk", "auto_reply")
        or values["X-SPAM-FLAG"].startswith("yes")
    )
