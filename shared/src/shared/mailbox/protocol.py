"""The two things a mailbox can do for us: be watched, and save a draft. Each provider implements both."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.errors import PermanentError, TransientError
from shared.mail import Address


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message's identity at its provider. The Message-ID header is none: it repeats.

    `id` is IMAP's UID in decimal (RFC 9051, 2.3.1.1), Gmail's message id, or Graph's immutable id. `uidvalidity` is 0
    where an id never means another message.
    """

    folder: str
    uidvalidity: int
    id: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder has been read: what came before `position` is in the ledger.

    `position` is IMAP's UIDNEXT in decimal, Gmail's historyId, or Graph's delta link.
    """

    uidvalidity: int
    position: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A message's outside, as a catch-up lists it.

    `fingerprint` is a digest over what survives a change of UIDVALIDITY (Message-ID, Date, From, size), so that a
    message is recognised under a new UID; where ids are stable, over the id. `size` is in bytes. `sent_at` is the
    Date header, None where that is none.
    """

    ref: MessageRef
    internal_date: datetime
    size: int
    fingerprint: bytes
    flags: frozenset[str]
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What is new, oldest first, and the cursor that holds once it is in the ledger.

    `rebased` says that there was no cursor, or that it does not hold any more (UIDVALIDITY changed, the provider's
    history has expired): `seen` then lists everything since the given date, and some of it may be known, in IMAP under
    other UIDs.
    """

    seen: Sequence[Seen]
    cursor: Cursor
    rebased: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message's bytes (RFC 5322), without having marked it as read. `truncated`: only the first part was read."""

    ref: MessageRef
    raw: bytes
    flags: frozenset[str]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply to be saved. `answers` is the `MessageRef.id` of the mail that it answers, empty where it is not known.

    `raw` is the whole message (RFC 5322), which is all that IMAP and Gmail need. Where the provider makes the reply
    itself and brings headers and quote, it is `subject`, `to`, `cc` and `html` that count: the draft's words and the
    signature as an HTML fragment, without the quote. `message_id` has its angle brackets.
    """

    message_id: str
    answers: str
    raw: bytes
    subject: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    html: str


@dataclass(frozen=True, slots=True)
class Saved:
    """`existed`: a draft with this Message-ID was there already, nothing was written."""

    existed: bool
    folder: str


class MessageUnreadable(TransientError):
    """Messages that are there could not be read; all others were."""

    def __init__(self) -> None:
        super().__init__("message_unreadable")


class MessageGone(PermanentError):
    """The mail that is to be answered is not in the mailbox any more."""

    def __init__(self) -> None:
        super().__init__("message_gone")


class Watch(Protocol):
    """One connection that reads one folder of one mailbox. Not for concurrent use.

    Every method raises TransientError (server gone, time-out), AuthError (log-in refused), PermanentError
    (certificate not valid, folder not there) with a content-free reason.
    """

    async def catch_up(self, cursor: Cursor | None, since: datetime) -> CatchUp:
        """What arrived since `cursor`, or since the date where the cursor is None or no longer valid."""
        ...

    def fetch(self, refs: Sequence[MessageRef]) -> AsyncIterator[Fetched]:
        """The messages in order; one that is gone is left out.

        Raises MessageUnreadable at the end, where the server could not read one, and TransientError
        (`uidvalidity_changed`) where only a catch-up can tell what has become of the messages.
        """
        ...

    async def wait(self, seconds: float) -> None:
        """Returns when something may have changed, at the latest after `seconds`."""
        ...

    async def close(self) -> None:
        """Ends the connection; never raises."""
        ...


class DraftStore(Protocol):
    """Saves drafts to one mailbox. Not for concurrent use."""

    async def save(self, draft: Draft) -> Saved:
        """Looks for a draft with this Message-ID first, and writes only when there is none.

        Raises TransientError, AuthError, MessageGone, or PermanentError (`quota_exceeded`, `draft_too_large`,
        `no_drafts_folder`); never once the server has stored the draft.
        """
        ...

    async def signature(self) -> str:
        """The signature that its owner has set at the provider, as HTML; empty where there is none."""
        ...

    async def close(self) -> None:
        """Ends the connection; never raises."""
        ...
