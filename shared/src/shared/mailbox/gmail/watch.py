"""Watching a label: what is new, its bytes, and waiting for more."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime

import structlog

from shared.config import GmailAccount
from shared.errors import KinamikError, TransientError
from shared.mailbox.gmail import bodies
from shared.mailbox.gmail.api import Api
from shared.mailbox.gmail.errors import NotFound, Refused
from shared.mailbox.gmail.history import News, Position, by_date, by_history, older
from shared.mailbox.gmail.listing import Outside, find_label
from shared.mailbox.protocol import CatchUp, Cursor, Fetched, MessageRef, Seen
from shared.mailbox.push import Push, spread
from shared.mailbox.stable import stable_fingerprint
from shared.mailbox.tokens import AccessTokens

log = structlog.get_logger(__name__)

CATCH_UP_LIMIT = 500
"""Messages that one catch-up lists, give or take a page; the next wait returns at once for the rest."""
RENEW_SECONDS = 24 * 3600.0
"""Gmail tells of changes for seven days, and asks to be reminded every day."""


async def open_watch(
    account: GmailAccount,
    folder: str,
    *,
    tokens: AccessTokens,
    url: str,
    push: Push,
    poll_seconds: float,
    topic: str = "",
    limit: int = CATCH_UP_LIMIT,
) -> "GmailWatch":
    """`folder` is INBOX or a label's name; it is looked for by the first catch-up, which is the first request.

    With a `topic` of Pub/Sub (`projects/.../topics/...`) Gmail is asked to tell it of changes.
    """
    return GmailWatch(Api(url, tokens), folder, push, poll_seconds, topic, limit)


class GmailWatch:
    """Implements `shared.mailbox.protocol.Watch`."""

    def __init__(self, api: Api, folder: str, push: Push, poll_seconds: float, topic: str, limit: int) -> None:
        self._api = api
        self._folder = folder
        self._push = push
        self._poll_seconds = poll_seconds
        self._topic = topic
        self._limit = limit
        self._label = ""
        self._more = False
        self._told_until = 0.0

    async def catch_up(self, cursor: Cursor | None, since: datetime) -> CatchUp:
        """See `Watch.catch_up`. What is listed by date comes in portions too; each of them says `rebased`."""
        label = await self._find_label()
        await self._ask_to_be_told(label)
        try:
            news = await self._news(label, Position.parse(cursor.position) if cursor else None, since)
        except (NotFound, Refused):
            # The label was deleted, or Google has changed its mind about what it takes.
            self._label = ""
            raise TransientError("folder_changed") from None
        self._more = news.more
        seen = [self._seen(message) for message in news.messages]
        return CatchUp(seen, Cursor(0, str(news.position)), rebased=news.listed)

    async def fetch(self, refs: Sequence[MessageRef]) -> AsyncIterator[Fetched]:
        """See `Watch.fetch`. A message that no longer has the label is gone from the folder."""
        label = await self._find_label()
        async for message in bodies.fetch(self._api, label, [ref for ref in refs if ref.folder == self._folder]):
            yield message

    async def wait(self, seconds: float) -> None:
        """See `Watch.wait`. Returns at once where the last catch-up left something."""
        if self._more:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, spread(self._poll_seconds))):
                await self._push.changed.wait()
        self._push.changed.clear()

    async def close(self) -> None:
        """Never raises."""
        await self._api.close()

    async def _news(self, label: str, position: Position | None, since: datetime) -> News:
        if position is None:
            return await by_date(self._api, label, since, self._limit)
        if position.until:
            return await older(self._api, label, position, self._limit)
        news = await by_history(self._api, label, position, self._limit)
        return news or await by_date(self._api, label, since, self._limit)

    async def _find_label(self) -> str:
        """Its id. Raises PermanentError (`folder_missing`)."""
        self._label = self._label or await find_label(self._api, self._folder)
        return self._label

    async def _ask_to_be_told(self, label: str) -> None:
        """Where that fails, polling goes on; the next catch-up asks again."""
        if not self._topic or (time.monotonic() < self._told_until and not self._push.in_doubt):
            return
        try:
            await self._api.post("/watch", {"topicName": self._topic, "labelIds": [label]})
        except KinamikError as error:
            log.warning("push_not_renewed", reason=error.reason)
            return
        self._told_until, self._push.in_doubt = time.monotonic() + RENEW_SECONDS, False

    def _seen(self, message: Outside) -> Seen:
        return Seen(
            ref=MessageRef(self._folder, 0, message.id),
            internal_date=message.received,
            size=message.size,
            fingerprint=stable_fingerprint(message.id),
            flags=message.flags,
        )
