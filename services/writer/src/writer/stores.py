"""Connections to mailboxes for saving, one per mailbox, kept open for a while."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from shared.config import Mailbox
from shared.errors import KinamikError, TransientError
from shared.mailbox.protocol import DraftStore

IDLE_SECONDS = 60.0
FIRST_AWAY_SECONDS = 1.0
LONGEST_AWAY_SECONDS = 15.0
PATIENCE_SECONDS = 5.0
"""A mailbox that its provider limits for longer is left to the ledger, so that it takes no place from the others."""

Connect = Callable[[Mailbox], Awaitable[DraftStore]]


@dataclass
class _Slot:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    store: DraftStore | None = None
    revision: int = -1
    used_at: float = 0.0
    failures: int = 0
    away_until: float = 0.0

    def stay_away(self, wanted: float | None) -> None:
        """For a second, for twice as long with each failure in a row, and for as long as the server wants."""
        seconds = min(LONGEST_AWAY_SECONDS, FIRST_AWAY_SECONDS * 2 ** min(self.failures, 16))
        self.failures += 1
        self.away_until = time.monotonic() + max(seconds, wanted or 0.0)


class Stores:
    """A mailbox whose server fails is left alone for a while, so that it holds up nobody else's drafts."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._slots: dict[UUID, _Slot] = {}

    @asynccontextmanager
    async def alone_with(self, mailbox_id: UUID) -> AsyncGenerator["Session"]:
        """Exclusive use of one mailbox, once it need not be left alone any more.

        Raises TransientError (`mailbox_away`) where that is longer than one waits.
        """
        slot = self._slots.setdefault(mailbox_id, _Slot())
        async with slot.lock:
            left = slot.away_until - time.monotonic()
            if left > PATIENCE_SECONDS:
                raise TransientError("mailbox_away", retry_after=left)
            await asyncio.sleep(max(0.0, left))
            try:
                yield Session(slot, self._connect)
            except BaseException as error:
                if isinstance(error, TransientError):
                    slot.stay_away(error.retry_after)
                if not isinstance(error, KinamikError) or isinstance(error, TransientError):
                    await _close(slot)
                raise
            slot.used_at, slot.failures = time.monotonic(), 0

    async def close_idle_for_ever(self) -> None:
        while True:
            await asyncio.sleep(IDLE_SECONDS / 4)
            for mailbox_id, slot in list(self._slots.items()):
                if not slot.lock.locked() and time.monotonic() - slot.used_at > IDLE_SECONDS:
                    del self._slots[mailbox_id]
                    await _close(slot)

    async def close(self) -> None:
        for slot in self._slots.values():
            await _close(slot)
        self._slots.clear()


class Session:
    def __init__(self, slot: _Slot, connect: Connect) -> None:
        self._slot = slot
        self._connect = connect

    async def store(self, mailbox: Mailbox) -> DraftStore:
        """The connection, made anew when the mailbox's settings have changed since."""
        slot = self._slot
        if slot.store is not None and slot.revision != mailbox.revision:
            await _close(slot)
        if slot.store is None:
            slot.store, slot.revision = await self._connect(mailbox), mailbox.revision
        return slot.store


async def _close(slot: _Slot) -> None:
    store, slot.store = slot.store, None
    if store is not None:
        await store.close()
