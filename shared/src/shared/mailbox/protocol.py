"""The two things a mailbox can do for us: be watched, and save a draft. Each provider implements both."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.errors import TransientError


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message's identity at its server (RFC 9051, 2.3.1.1). The Message-ID header is none: it repeats."""

    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder has been read: every UID below `uid_next` is in the ledger."""

    uidvalidity: int
    uid_next: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A message's outside, as a catch-up lists it.

    `fingerprint` is a digest over what survives a change of UIDVALIDITY (Message-ID, Date, From, size), so that a
    message is recognised under a new UID. `size` is in bytes. `sent_at` is the Date header, None where that is none.
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

    `rebased` says that there was no cursor or that UIDVALIDITY changed: `seen` then lists everything since the
    given date, and some of it may be known under other UIDs.
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
class Saved:
    """`existed`: a draft with this Message-ID was there already, nothing was written."""

    existed: bool
    folder: str


class MessageUnreadable(TransientError):
    """Messages that are there could not be read; all others were."""

    def __init__(self) -> None:
        super().__init__("message_unreadable")


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

    async def save(self, message: bytes, message_id: str) -> Saved:
        """Looks for a draft with this Message-ID first, and writes only when there is none.

        Raises TransientError, AuthError, or PermanentError (`quota_exceeded`, `draft_too_large`,
        `no_drafts_folder`); never once the server has stored the draft.
        """
        ...

    async def close(self) -> None:
        """Ends the connection; never raises."""
        ...
