"""A mailbox at some provider, as the contract suite needs it: our two adapters, and a person before it."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from shared.mail import Address
from shared.mailbox.protocol import CatchUp, Draft, DraftStore, Fetched, Watch

T = TypeVar("T", bound=Watch | DraftStore)

HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


@dataclass(frozen=True)
class Stored:
    """A message as it lies in a folder, its flags in IMAP's terms."""

    flags: frozenset[str]
    raw: bytes


class Mailbox(Protocol):
    """One user's mailbox. Messages are counted from 0 in the order in which they came into the folder.

    `polled` is how many seconds a watch waits at most before it looks by itself. `bare_listing`: a catch-up tells no
    sizes and flags, its cursors always differ, and they know nothing of mail from before the date they began with.
    """

    polled: float
    bare_listing: bool

    async def watch(self, folder: str = "INBOX") -> Watch: ...

    async def drafts(self) -> DraftStore: ...

    async def deliver(self, message: bytes, received: datetime | None = None) -> None:
        """A mail arrives in the inbox."""
        ...

    async def stored(self, folder: str = "INBOX") -> Sequence[Stored]: ...

    async def saved(self) -> Sequence[Stored]:
        """The drafts, in order."""
        ...

    async def create(self, folder: str) -> None: ...

    async def move(self, index: int, folder: str, *, source: str = "INBOX") -> None: ...

    async def read_and_answer(self, index: int) -> None:
        """A person does, without our draft."""
        ...

    async def delete(self, index: int) -> None:
        """For good, from the inbox."""
        ...

    async def edit_draft(self, index: int, message: bytes) -> None:
        """A person changes it, with the provider's own means."""
        ...

    async def lose_cursor(self) -> None:
        """No cursor that was given so far holds any more. The mail is still there."""
        ...

    async def close(self) -> None: ...


class Remote(Mailbox, Protocol):
    """A mailbox behind a service that can be made to fail. Each fault is for the next requests."""

    async def revoke(self) -> None:
        """Its owner takes the access away."""
        ...

    def throttle(self, seconds: int) -> None:
        """The next request is answered with: not before so many seconds."""
        ...

    def refuse_token(self) -> None:
        """The next request is answered with: not with this token."""
        ...

    def fail_reading(self) -> None:
        """The next request that reads ends in a server's error."""
        ...

    def fail_writing(self, *, carried_out: bool, answered: bool) -> None:
        """The next request that makes a draft ends in a server's error, or without an answer, after or before the
        draft was made."""
        ...

    def requests(self) -> int:
        """How many there were so far."""
        ...


class Opened:
    """What watches and stores were opened; they are closed with the mailbox."""

    bare_listing: bool = False

    def __init__(self) -> None:
        self._stack = AsyncExitStack()

    def keep(self, opened: T) -> T:
        self._stack.push_async_callback(opened.close)
        return opened

    async def close(self) -> None:
        await self._stack.aclose()


def a_mail(number: int = 1, text: str = "Guten Tag") -> bytes:
    lines = (
        "From: Gast <gast@example.org>",
        "To: hotel@example.org",
        f"Subject: Anfrage {number}",
        f"Message-ID: <{number}@example.org>",
        "Date: Tue, 03 Mar 2026 10:12:00 +0100",
        "",
        text,
        "",
    )
    return "\r\n".join(lines).encode()


def a_reply(number: int = 1, text: str = "Gerne!", *, mark: str = "", subject: str = "") -> bytes:
    """What the writer composes as the answer to `a_mail(number)`."""
    lines = (
        "From: hotel@example.org",
        "To: Gast <gast@example.org>",
        f"Subject: {subject or f'Re: Anfrage {number}'}",
        f"Message-ID: <reply-{number}@example.org>",
        f"In-Reply-To: <{number}@example.org>",
        f"References: <{number}@example.org>",
        f"X-Kinamik-Draft: {mark or number}",
        "Date: Tue, 03 Mar 2026 10:13:00 +0100",
        "",
        text,
        "",
    )
    return "\r\n".join(lines).encode()


def a_draft(number: int, answers: str, text: str = "Gerne!", **headers: str) -> Draft:
    """`answers` is the id of `a_mail(number)`."""
    return Draft(
        message_id=f"<reply-{number}@example.org>",
        answers=answers,
        raw=a_reply(number, text, **headers),
        subject=headers.get("subject", f"Re: Anfrage {number}"),
        to=(Address(name="Gast", address="gast@example.org"),),
        cc=(),
        html=f"<p>{text}</p>",
    )


async def read(watch: Watch, seen: CatchUp) -> list[Fetched]:
    return [message async for message in watch.fetch([item.ref for item in seen.seen])]


async def arrived(mailbox: Mailbox, *numbers: int) -> list[str]:
    """The ids of mails that are delivered one after the other."""
    watch = await mailbox.watch()
    cursor = (await watch.catch_up(None, datetime.now(UTC))).cursor
    ids: list[str] = []
    for number in numbers:
        await mailbox.deliver(a_mail(number))
        result = await watch.catch_up(cursor, HOUR_AGO)
        cursor = result.cursor
        ids += [item.ref.id for item in result.seen]
    return ids


async def to_answer(mailbox: Mailbox, number: int = 1) -> Draft:
    """A mail arrives, and this is the draft that answers it."""
    (answers,) = await arrived(mailbox, number)
    return a_draft(number, answers)
