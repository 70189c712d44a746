"""Watching a folder: what is new, its bytes, and waiting for more."""

import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from aioimaplib.aioimaplib import time2internaldate

from shared.config import ImapAccount
from shared.errors import TransientError
from shared.mailbox.imap.bodies import Bodies
from shared.mailbox.imap.connection import ANSWER_WITHIN, Connection
from shared.mailbox.imap.listing import BARE, OUTSIDE, seen
from shared.mailbox.imap.names import Folder
from shared.mailbox.imap.reader import Opened, Read, Reader
from shared.mailbox.imap.uids import chunks, uid_of
from shared.mailbox.protocol import CatchUp, Cursor, Fetched, MessageRef, Seen

IDLE_SECONDS = 9 * 60.0
POLL_SECONDS = 60.0
CATCH_UP_LIMIT = 2000
"""Messages that one catch-up after a valid cursor lists at most; the next wait returns at once for the rest."""

_DIRECT = 500


async def open_watch(
    account: ImapAccount,
    folder: str,
    *,
    ssl_context: ssl.SSLContext | None = None,
    answer_within: float = ANSWER_WITHIN,
    private_hosts: bool = False,
) -> "ImapWatch":
    """Connects and logs in; the folder is opened by the first catch-up. `answer_within` is in seconds of silence.

    Raises TransientError (`server_unreachable`, `timeout`, `connection_lost`, `server_busy`), AuthError
    (`credentials_refused`, `app_password_required`, `imap_switched_off`) or PermanentError (`certificate_not_valid`,
    `tls_required`, `host_not_public` unless `private_hosts` allows such hosts).
    """
    connect = partial(Connection.open, account, ssl_context, answer_within, private_hosts=private_hosts)
    return ImapWatch(Reader(connect, await connect(), Folder.named(folder)))


class ImapWatch:
    """Implements `shared.mailbox.protocol.Watch`. Reads only: the folder is opened with EXAMINE."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._bodies = Bodies(reader)
        self._listed: tuple[int, int] | None = None
        self._idles = reader.connection.can("IDLE")

    async def catch_up(self, cursor: Cursor | None, since: datetime) -> CatchUp:
        """See `Watch.catch_up`. A change of UIDVALIDITY, or no cursor, lists by INTERNALDATE instead of by UID."""
        opened = await self._current_state(cursor)
        if cursor is None or cursor.uidvalidity != opened.uidvalidity:
            messages = await self._since(since)
            uid_next = max([opened.uid_next, *(uid_of(message.ref) + 1 for message in messages)])
            rebased = True
        else:
            known = int(cursor.position)
            messages = await self._from(opened, known)
            uid_next = max([known, *(uid_of(message.ref) + 1 for message in messages)])
            rebased = False
        self._bodies.sizes = {uid_of(message.ref): message.size for message in messages if message.size}
        self._listed = (uid_next, self._reader.connection.exists)
        return CatchUp(messages, Cursor(opened.uidvalidity, str(uid_next)), rebased)

    async def fetch(self, refs: Sequence[MessageRef]) -> AsyncIterator[Fetched]:
        """See `Watch.fetch`. Two things are told by a TransientError, after all messages that could be read:
        `message_unreadable` where the server cannot read a message that is there, and `uidvalidity_changed` where
        the references are of another time and only a catch-up can tell whether their messages are still there."""
        opened = self._reader.opened or await self._reader.open()
        wanted = [
            ref for ref in refs if (ref.folder, ref.uidvalidity) == (self._reader.folder.name, opened.uidvalidity)
        ]
        async for message in self._bodies.fetch(wanted):
            yield message
        if self._listed is None and len(wanted) < len(refs):
            raise TransientError("uidvalidity_changed")

    async def wait(self, seconds: float) -> None:
        """See `Watch.wait`. Idles for 9 minutes at most; without IDLE it asks after a minute at most."""
        if self._reader.opened is None:
            await self._reader.open()
        connection = self._reader.connection
        if not connection.news:
            # Some servers announce in IDLE only what comes from then on.
            await connection.must("NOOP")
        if connection.news or seconds <= 0:
            return
        if self._idles:
            self._idles = await connection.idle(min(seconds, IDLE_SECONDS))
        else:
            await connection.rest(min(seconds, POLL_SECONDS))
            await connection.must("NOOP")

    async def close(self) -> None:
        """Ends the connection; never raises."""
        await self._reader.connection.close()

    async def _current_state(self, cursor: Cursor | None) -> Opened:
        """The folder's state, with all that the server knows by now told to us, and no news outstanding."""
        opened, connection = self._reader.opened, self._reader.connection
        if opened is None or cursor is None or cursor.uidvalidity != opened.uidvalidity:
            self._listed = None
            return await self._reader.open()
        if not connection.news:
            await connection.must("NOOP")
        connection.news = False
        return opened

    async def _from(self, opened: Opened, uid_next: int) -> list[Seen]:
        """The messages from a UID on, a bounded number of them."""
        if self._expected(opened, uid_next) <= _DIRECT:
            messages = await self._describe(await self._reader.read_from(uid_next, OUTSIDE))
            # n:* means the last message even where its UID is below n (RFC 3501, 6.4.8).
            return [message for message in messages if uid_of(message.ref) >= uid_next]
        uids = [uid for uid in await self._reader.search("UID", f"{uid_next}:*") if uid >= uid_next]
        messages = await self._list(uids[:CATCH_UP_LIMIT])
        if len(uids) > CATCH_UP_LIMIT:
            self._reader.connection.news = True
        return messages

    def _expected(self, opened: Opened, uid_next: int) -> int:
        """How many new messages there may be, to the best of our knowledge."""
        exists = self._reader.connection.exists
        if self._listed is not None and self._listed[0] == uid_next:
            return exists - self._listed[1]
        return min(opened.uid_next - uid_next, exists)

    async def _since(self, since: datetime) -> list[Seen]:
        # SEARCH SINCE knows days only, in the server's time zone; INTERNALDATE knows whole seconds only.
        day = time2internaldate(since - timedelta(days=1))[1:12]
        messages = await self._list(await self._reader.search("SINCE", day))
        return [message for message in messages if message.internal_date >= since.replace(microsecond=0)]

    async def _list(self, uids: Iterable[int]) -> list[Seen]:
        messages: list[Seen] = []
        for chunk in chunks(uids, 200):
            messages += await self._describe(await self._reader.read(chunk, OUTSIDE))
        return messages

    async def _describe(self, answer: Read) -> list[Seen]:
        """By ascending UID. A message that cannot be read is listed too, so that it is settled like any other."""
        opened = self._reader.opened
        assert opened is not None
        items = answer.items
        if answer.refused:
            bare = (await self._reader.read(answer.refused, BARE)).items
            items |= {uid: bare.get(uid, {}) for uid in answer.refused}
        return [
            seen(MessageRef(self._reader.folder.name, opened.uidvalidity, str(uid)), items[uid])
            for uid in sorted(items)
        ]
