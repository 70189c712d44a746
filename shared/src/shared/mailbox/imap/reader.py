"""Reading an open folder, also where single messages make the server refuse or hang up."""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from shared.errors import KinamikError, TransientError
from shared.mailbox.imap.connection import Connection
from shared.mailbox.imap.errors import folder_refused, refused
from shared.mailbox.imap.framing import Response
from shared.mailbox.imap.names import Folder
from shared.mailbox.imap.responses import Reply, Value, fetched, found, number_of
from shared.mailbox.imap.uids import uid_set

Items = dict[bytes, Value]
Connect = Callable[[], Awaitable[Connection]]

_RENEWALS = 50
_NUMBERS = re.compile(rb"\[(UIDVALIDITY|UIDNEXT) (\d+)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """What to FETCH, UID among it, and the item by whose presence an answer is told from unasked-for FETCH data."""

    items: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """The folder as EXAMINE described it."""

    uidvalidity: int
    uid_next: int


@dataclass(slots=True)
class Read:
    """What FETCH told, by UID. `refused` are there, but the server cannot read them; the rest is gone."""

    items: dict[int, Items] = field(default_factory=dict[int, Items])
    refused: list[int] = field(default_factory=list[int])


class Reader:
    """A folder, and the connection that it is open on.

    Some servers hang up over a message that they cannot read (Dovecot does, where the file is damaged). Whoever only
    connects again then meets the same message again, and the mailbox stands still. So the message that was next
    is asked for alone over a new connection, and when that fails as well it is passed over.
    """

    def __init__(self, connect: Connect, connection: Connection, folder: Folder) -> None:
        self.connection = connection
        self.folder = folder
        self.opened: Opened | None = None
        self._connect = connect

    async def open(self) -> Opened:
        """Opens the folder anew. Raises PermanentError (`folder_missing`) or TransientError."""
        reply = await self.connection.open_folder(self.folder.quoted)
        if not reply.ok:
            raise folder_refused(reply)
        numbers = _numbers(reply)
        uid_next = numbers.get(b"UIDNEXT") or await self._uid_after_last()
        self.opened = Opened(numbers.get(b"UIDVALIDITY", 0), uid_next)
        return self.opened

    async def search(self, *criteria: str) -> list[int]:
        """The UIDs that match, ascending."""
        return found((await self.connection.must("SEARCH", *criteria, prefix="UID")).untagged)

    async def read(self, uids: Sequence[int], query: Query) -> Read:
        """FETCHes from messages given by ascending UIDs. Raises TransientError."""
        result = Read()
        for _ in range(_RENEWALS):
            if not uids:
                return result
            reply = await self._try(result, uid_set(uids), query)
            uids = [uid for uid in uids if uid not in result.items]
            if reply is not None and not reply.ok:
                await self._one_by_one(result, uids, query)
                return result
            if reply is not None:
                await self._note_refused(result, uids)
                return result
            await self._one_by_one(result, uids[:1], query)
            uids = uids[1:]
        raise TransientError("connection_lost")

    async def read_from(self, uid: int, query: Query) -> Read:
        """As `read`, for this UID and all above it."""
        result = Read()
        if (reply := await self._try(result, f"{uid}:*", query)) is not None and reply.ok:
            return result
        uids = await self.search("UID", f"{uid}:*")
        return await self.read([number for number in uids if number >= uid], query)

    async def _one_by_one(self, result: Read, uids: Sequence[int], query: Query) -> None:
        busy: KinamikError | None = None
        for uid in uids:
            reply = await self._try(result, str(uid), query)
            if uid in result.items or not await self._note_refused(result, [uid]):
                continue
            if reply is not None and reply.code != "SERVERBUG" and (error := refused(reply)).reason == "server_busy":
                busy = error
        if busy is not None and not result.items:
            raise busy

    async def _note_refused(self, result: Read, uids: Sequence[int]) -> bool:
        """Enters those that were not told, but are there; whether there are any."""
        there = await self.search("UID", uid_set(uids)) if uids else []
        result.refused += there
        return bool(there)

    async def _try(self, result: Read, uids: str, query: Query) -> Reply | None:
        """One FETCH; None where the connection died of it and has been renewed."""
        if self.connection.lost:
            raise TransientError("connection_lost")
        responses: list[Response] = []
        reply: Reply | None = None
        try:
            reply = await self.connection.run("FETCH", uids, query.items, prefix="UID", into=responses)
        except TransientError:
            await self._renew()
        result.items.update(_by_uid(responses, query))
        return reply

    async def _renew(self) -> None:
        before = self.opened
        self.connection = await self._connect()
        if before is not None and (await self.open()).uidvalidity != before.uidvalidity:
            raise TransientError("uidvalidity_changed")
        # What arrived while there was no connection has been announced to nobody.
        self.connection.news = True

    async def _uid_after_last(self) -> int:
        if not self.connection.exists:
            return 1
        return max(await self.search("UID", "*"), default=0) + 1


def _by_uid(responses: Sequence[Response], query: Query) -> Iterator[tuple[int, Items]]:
    for told in fetched(responses):
        uid = number_of(told.get(b"UID"))
        if uid is not None and any(name.startswith(query.key) and value is not None for name, value in told.items()):
            yield uid, told


def _numbers(reply: Reply) -> dict[bytes, int]:
    matches = (match for response in reply.untagged for match in _NUMBERS.finditer(response.line))
    return {match[1].upper(): int(match[2]) for match in matches}
