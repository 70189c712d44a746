"""Watching a folder: what is new, its bytes, and waiting for more."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime

from shared.mailbox.graph.answers import Item
from shared.mailbox.graph.bodies import Bodies
from shared.mailbox.graph.changes import Changes, FolderChanges
from shared.mailbox.graph.client import Graph
from shared.mailbox.graph.errors import CursorLost, NotThere
from shared.mailbox.graph.folders import find_folder
from shared.mailbox.graph.keeping import keep
from shared.mailbox.graph.subscription import Subscription
from shared.mailbox.protocol import CatchUp, Cursor, Fetched, MessageRef, Seen
from shared.mailbox.push import Push, spread
from shared.mailbox.stable import stable_fingerprint

PUSHED_POLL_SECONDS = 600.0
"""How often is asked where the service tells what is new."""


class GraphWatch:
    """Implements `shared.mailbox.protocol.Watch`. Reads only.

    A cursor is the folder's id and the delta link, or the link to the next page where a portion ended. The link holds
    for what was received since the date of the listing that it began with: an older message that is moved into the
    folder later is not told.
    """

    def __init__(
        self, graph: Graph, folder: str, push: Push, poll_seconds: float, subscription: Subscription | None
    ) -> None:
        self._graph = graph
        self._folder = folder
        self._push = push
        self._poll_seconds = poll_seconds
        self._subscription = subscription
        self._folder_id = ""
        self._more = False

    async def catch_up(self, cursor: Cursor | None, since: datetime) -> CatchUp:
        """See `Watch.catch_up`."""
        folder_id = self._folder_id or await self._find()
        changes = FolderChanges(self._graph, folder_id)
        known_folder, _, link = cursor.position.partition(" ") if cursor else ("", "", "")
        try:
            if known_folder == folder_id:
                with suppress(CursorLost):
                    return self._told(await changes.after(link), rebased=False)
            return self._told(await changes.since(since.replace(microsecond=0)), rebased=True)
        except NotThere:
            self._folder_id = ""
            raise

    async def fetch(self, refs: Sequence[MessageRef]) -> AsyncIterator[Fetched]:
        """See `Watch.fetch`."""
        folder_id = self._folder_id or await self._find()
        bodies = Bodies(self._graph, folder_id, may_be_junk=self._folder.upper() != "INBOX")
        async for message in bodies.fetch([ref for ref in refs if ref.folder == self._folder]):
            yield message

    async def wait(self, seconds: float) -> None:
        """See `Watch.wait`. Where there is a subscription it is kept alive; one that is new ends the wait, since what
        came before it was told by nobody."""
        if self._more or self._push.changed.is_set():
            self._push.changed.clear()
            return
        poll_seconds = self._poll_seconds
        if self._subscription is not None:
            kept = await keep(self._subscription, self._graph, self._folder_id, self._push)
            if kept == "new":
                return
            poll_seconds = PUSHED_POLL_SECONDS if kept == "alive" else poll_seconds
        with suppress(TimeoutError):
            await asyncio.wait_for(self._push.changed.wait(), min(seconds, spread(poll_seconds)))
        self._push.changed.clear()

    async def close(self) -> None:
        """Ends the connection; never raises."""
        await self._graph.close()

    async def _find(self) -> str:
        self._folder_id = await find_folder(self._graph, self._folder)
        return self._folder_id

    def _told(self, changes: Changes, *, rebased: bool) -> CatchUp:
        self._more = changes.more
        seen = [self._seen(message) for message in changes.messages]
        return CatchUp(seen, Cursor(0, f"{self._folder_id} {changes.link}"), rebased)

    def _seen(self, message: Item) -> Seen:
        """Without its size, which the service does not tell, and without flags, which are told by `fetch`."""
        assert message.received is not None
        ref = MessageRef(self._folder, 0, message.id)
        fingerprint = stable_fingerprint(message.id)
        return Seen(ref, message.received, 0, fingerprint, frozenset(), message.sent)
