"""New activity as it comes, as server-sent events (WHATWG HTML, 9.2)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from config_api.activity.schemas import SettledMessagePublic
from config_api.activity.service import Filters
from config_api.database import Database
from config_api.models import SettledMessage, now
from config_api.problems import ApiError, Malformed, Unavailable
from config_api.records import Paging, next_cursor

EVERY_SECONDS = 1.0
# How many turns without news before a line that says nothing: only by sending is it found out who has gone.
SILENT_TURNS = 15
MOST_OPEN = 200
MOST_OPEN_PER_ORGANISATION = 10
MOST_AT_ONCE = 2000
# A row is dated when its transaction begins, and seen when that is committed.
LATE = timedelta(seconds=5)
LONGEST_BREAK = timedelta(hours=1)


def seen_until(event_id: str) -> datetime | None:
    """From an event's id; what lies longer back than LONGEST_BREAK is for the list. Raises Malformed."""
    if (after := Paging(limit=1, cursor=event_id).after()) is None:
        return None
    if after[0].tzinfo is None:
        raise Malformed("cursor_not_valid")
    return max(after[0], now() - LONGEST_BREAK)


class Feeds:
    """Counts those that are open."""

    def __init__(self) -> None:
        self._open: Counter[UUID] = Counter()

    def require_room(self, organisation_id: UUID) -> None:
        """Raises Unavailable (`too_many_feeds`)."""
        if self._open.total() >= MOST_OPEN or self._open[organisation_id] >= MOST_OPEN_PER_ORGANISATION:
            raise Unavailable("too_many_feeds")

    @contextmanager
    def open(self, organisation_id: UUID) -> Generator[None]:
        self._open[organisation_id] += 1
        try:
            yield
        finally:
            self._open[organisation_id] -= 1


class Feed:
    """One caller's view of what settles since that moment, or from now on.

    `still_allowed` raises ApiError as soon as the caller may not see it any more.
    """

    def __init__(
        self,
        database: Database,
        organisation_id: UUID,
        wanted: Filters,
        still_allowed: Callable[[], Awaitable[object]],
        since: datetime | None,
    ) -> None:
        self._database = database
        self._organisation_id = organisation_id
        self._wanted = wanted
        self._still_allowed = still_allowed
        self._from_now_on = since is None
        self._since = since or now()
        self._seen: dict[tuple[UUID, int], datetime] = {}

    async def events(self, seconds: int) -> AsyncIterator[str]:
        """What was seen last may come again. Whoever has the first line misses nothing from then on."""
        silent = 0
        try:
            if self._from_now_on:
                await self._new()
            yield "retry: 1000\n\n"
            for _ in range(round(seconds / EVERY_SECONDS)):
                await self._still_allowed()
                found = await self._new()
                silent = 0 if found else silent + 1
                for row in found:
                    yield _event(row)
                if silent and silent % SILENT_TURNS == 0:
                    yield ":\n\n"
                await asyncio.sleep(EVERY_SECONDS)
        except (ApiError, SQLAlchemyError, OSError):
            # Whoever may still listen asks again.
            return

    async def _new(self) -> Sequence[SettledMessage]:
        moment = col(SettledMessage.recorded_at)
        query = self._wanted.of(select(SettledMessage)).where(moment > self._since - LATE)
        async with self._database.tenant(self._organisation_id) as session:
            rows = (await session.exec(query.order_by(moment).limit(MOST_AT_ONCE))).all()
        new = [row for row in rows if (row.message_id, row.generation) not in self._seen]
        if rows:
            full = len(rows) == MOST_AT_ONCE
            self._since = max(self._since, rows[-1].recorded_at + (LATE if full else timedelta(0)))
        recent = {(row.message_id, row.generation): row.recorded_at for row in new} | self._seen
        self._seen = {key: at for key, at in recent.items() if at > self._since - LATE}
        return new


def _event(row: SettledMessage) -> str:
    shown = SettledMessagePublic.model_validate(row).model_dump_json()
    return f"id: {next_cursor(row.recorded_at, row.message_id)}\nevent: settled\ndata: {shown}\n\n"
