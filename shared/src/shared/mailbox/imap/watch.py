"""Watching a folder: what is new, its bytes, and waiting for more."""

import re
import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from aioimaplib.aioimaplib import time2internaldate

from shared.config import ImapAccount
from shared.mailbox.imap.bodies import Bodies
from shared.mailbox.imap.connection import ANSWER_WITHIN, Connection
from shared.mailbox.imap.errors import folder_refused
from shared.mailbox.imap.listing import ITEMS, seen
from shared.mailbox.imap.names import encode, quote
from shared.mailbox.imap.responses import Reply, fetched, found
from shared.mailbox.imap.uids import chunks, uid_set
from shared.mailbox.protocol import CatchUp, Cursor, Fetched, MessageRef, Seen

IDLE_SECONDS = 9 * 60.0
POLL_SECONDS = 60.0
CATCH_UP_LIMIT = 2000
"""Messages that one catch-up after a valid cursor lists at most; the next wait returns at once for the rest."""

_DIRECT = 500
_NUMBERS = re.compile(rb"\[(UIDVALIDITY|UIDNEXT) (\d+)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Opened:
    """The folder as EXAMINE described it."""

    uidvalidity: int
    uid_next: int


async def open_watch(
    account: ImapAccount,
    folder: str,
    *,
    ssl_context: ssl.SSLContext | None = None,
    answer_within: float = ANSWER_WITHIN,
) -> "ImapWatch":
    """Connects and logs in; the folder is opened by the first catch-up. `answer_within` is in seconds of silence.

    Raises TransientError (`server_unreachable`, `timeout`, `connection_lost`, `server_busy`), AuthError
    (`credentials_refused`) or PermanentError (`certificate_not_valid`, `tls_required`).
    """
    return ImapWatch(await Connection.open(account, ssl_context, answer_within), folder)


class ImapWatch:
    """Implements `shared.mailbox.protocol.Watch`. Reads only: the folder is opened with EXAMINE."""

    def __init__(self, connection: Connection, folder: str) -> None:
        self._connection = connection
        self._folder = folder
        self._opened: _Opened | None = None
        self._listed: tuple[int, int] | None = None
        self._bodies = Bodies(connection)
        self._idles = connection.can("IDLE")

    async def catch_up(self, cursor: Cursor | None, since: datetime) -> CatchUp:
        """See `Watch.catch_up`. A change of UIDVALIDITY, or no cursor, lists by INTERNALDATE instead of by UID."""
        opened = await self._current_state(cursor)
        if cursor is None or cursor.uidvalidity != opened.uidvalidity:
            messages = await self._since(opened, since)
            uid_next = max([opened.uid_next, *(message.ref.uid + 1 for message in messages)])
            rebased = True
        else:
            messages, uid_next = await self._from(opened, cursor.uid_next)
            rebased = False
        self._bodies.sizes = {message.ref.uid: message.size for message in messages}
        self._listed = (uid_next, self._connection.exists)
        return CatchUp(messages, Cursor(opened.uidvalidity, uid_next), rebased)

    async def fetch(self, refs: Sequence[MessageRef]) -> AsyncIterator[Fetched]:
        """See `Watch.fetch`. Where the server refuses single messages, the others come first, then TransientError
        (`message_unreadable`)."""
        opened = self._opened or await self._open()
        wanted = [ref for ref in refs if ref.folder == self._folder and ref.uidvalidity == opened.uidvalidity]
        async for message in self._bodies.fetch(wanted):
            yield message

    async def wait(self, seconds: float) -> None:
        """See `Watch.wait`. Idles for 9 minutes at most; without IDLE it asks after a minute at most."""
        if self._opened is None:
            await self._open()
        if self._connection.news or seconds <= 0:
            return
        if self._idles:
            self._idles = await self._connection.idle(min(seconds, IDLE_SECONDS))
        else:
            await self._connection.rest(min(seconds, POLL_SECONDS))
            await self._connection.must("NOOP")

    async def close(self) -> None:
        """Ends the connection; never raises."""
        await self._connection.close()

    async def _current_state(self, cursor: Cursor | None) -> _Opened:
        """The folder's state, with all that the server knows by now told to us, and no news outstanding."""
        opened = self._opened
        if opened is None or cursor is None or cursor.uidvalidity != opened.uidvalidity:
            return await self._open()
        if not self._connection.news:
            await self._connection.must("NOOP")
        self._connection.news = False
        return opened

    async def _open(self) -> _Opened:
        reply = await self._connection.open_folder(quote(encode(self._folder)))
        if not reply.ok:
            raise folder_refused(reply)
        numbers = _numbers(reply)
        uid_next = numbers.get(b"UIDNEXT") or await self._uid_after_last()
        self._opened = _Opened(numbers.get(b"UIDVALIDITY", 0), uid_next)
        self._listed = None
        return self._opened

    async def _uid_after_last(self) -> int:
        if not self._connection.exists:
            return 1
        return max(await self._search("*"), default=0) + 1

    async def _from(self, opened: _Opened, uid_next: int) -> tuple[list[Seen], int]:
        """The messages from a UID on, a bounded number of them, and the UID to go on from."""
        if self._expected(opened, uid_next) <= _DIRECT:
            messages = await self._list(opened, f"{uid_next}:*")
            uids = [message.ref.uid for message in messages]
        else:
            uids = await self._search(f"{uid_next}:*")
            uids = list(islice((uid for uid in uids if uid >= uid_next), CATCH_UP_LIMIT + 1))
            messages = await self._list_all(opened, uids[:CATCH_UP_LIMIT])
        # n:* means the last message even where its UID is below n (RFC 3501, 6.4.8).
        messages = [message for message in messages if message.ref.uid >= uid_next]
        if len(uids) > CATCH_UP_LIMIT:
            self._connection.news = True
            uids = uids[:CATCH_UP_LIMIT]
        return messages, max([uid_next, *(uid + 1 for uid in uids)])

    def _expected(self, opened: _Opened, uid_next: int) -> int:
        """How many new messages there may be, to the best of our knowledge."""
        if self._listed is not None and self._listed[0] == uid_next:
            return self._connection.exists - self._listed[1]
        return min(opened.uid_next - uid_next, self._connection.exists)

    async def _since(self, opened: _Opened, since: datetime) -> list[Seen]:
        # SEARCH SINCE knows days only, in the server's time zone; INTERNALDATE knows whole seconds only.
        day = time2internaldate(since - timedelta(days=1))[1:12]
        reply = await self._connection.must("SEARCH", "SINCE", day, prefix="UID")
        messages = await self._list_all(opened, found(reply.untagged))
        return [message for message in messages if message.internal_date >= since.replace(microsecond=0)]

    async def _search(self, uids: str) -> list[int]:
        return found((await self._connection.must("SEARCH", "UID", uids, prefix="UID")).untagged)

    async def _list_all(self, opened: _Opened, uids: Iterable[int]) -> list[Seen]:
        messages: list[Seen] = []
        for chunk in chunks(uids, 200):
            messages += await self._list(opened, uid_set(chunk))
        return messages

    async def _list(self, opened: _Opened, uids: str) -> list[Seen]:
        reply = await self._connection.must("FETCH", uids, ITEMS, prefix="UID")
        messages = (seen(self._folder, opened.uidvalidity, items) for items in fetched(reply.untagged))
        return sorted((message for message in messages if message is not None), key=lambda message: message.ref.uid)


def _numbers(reply: Reply) -> dict[bytes, int]:
    matches = (match for response in reply.untagged for match in _NUMBERS.finditer(response.line))
    return {match[1].upper(): int(match[2]) for match in matches}
