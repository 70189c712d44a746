"""Content keys: a new one each hour, issued a day ahead, and destroyed a while after its hour.

Destroyed means: the wrapped key is set to NULL, and VACUUM FULL writes the table anew. An UPDATE alone leaves the old
row in its page, and a plain VACUUM moves rows within it and leaves copies behind. What a transaction that began before
might still read is kept even by VACUUM FULL, so for a while the table is written anew again and again. The write-ahead
log and backups keep older bytes for as long as they last; those are no use without the master key, which is never in
the database.
"""

import asyncio
import base64
import math
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from prometheus_client import Gauge
from pydantic import SecretStr
from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, delete, select, update

from config_api.crypto import KEY_BYTES, MasterKeys, key_id
from config_api.database import Database
from config_api.models import ContentKey, now
from shared import config

log = structlog.get_logger(__name__)

DUE = Gauge(
    "kinamik_content_key_destruction_due_timestamp_seconds",
    "When the oldest content key that is not destroyed yet is to be",
)
END = Gauge("kinamik_content_keys_end_timestamp_seconds", "Until when content keys have been issued")

FIELD = "wrapped_key"
HOUR = timedelta(hours=1)
HOURS_AHEAD = 24
RECORD_OF_DESTRUCTION = timedelta(days=30)
# Longer than any transaction lives.
WRITTEN_ANEW = timedelta(hours=2)
MAINTENANCE_SECONDS = 300.0


class ContentKeys:
    def __init__(self, database: Database, master_keys: MasterKeys, retention: timedelta) -> None:
        self._database = database
        self._master_keys = master_keys
        self._retention = retention

    async def usable(self) -> Sequence[config.ContentKey]:
        """Every key that is not destroyed, oldest first. Raises PermanentError (see MasterKeys.open)."""
        async with self._database.service() as session:
            query = select(ContentKey).where(col(ContentKey.wrapped_key).is_not(None))
            rows = (await session.exec(query.order_by(col(ContentKey.valid_from)))).all()
        return [self._opened(row) for row in rows]

    async def issue(self, moment: datetime) -> None:
        """Makes the keys that the hour of `moment` and the day after it still lack; replicas may do so together."""
        hour = moment.replace(minute=0, second=0, microsecond=0)
        hours = [hour + HOUR * ahead for ahead in range(HOURS_AHEAD + 1)]
        async with self._database.service() as session:
            known = set(await session.exec(select(ContentKey.valid_from).where(col(ContentKey.valid_from).in_(hours))))
            new = [self._new(start) for start in hours if start not in known]
            if new:
                await session.exec(insert(ContentKey).values(new).on_conflict_do_nothing())

    async def destroy(self, moment: datetime) -> int:
        """Destroys what has outlived its hour by the retention time; how many keys that were."""
        over = col(ContentKey.valid_until) <= moment - self._retention
        async with self._database.service() as session:
            alive = col(ContentKey.wrapped_key).is_not(None)
            gone = await session.exec(
                update(ContentKey).where(over, alive).values(wrapped_key=None, destroyed_at=moment)
            )
            forgotten = col(ContentKey.destroyed_at) <= moment - RECORD_OF_DESTRUCTION
            await session.exec(delete(ContentKey).where(forgotten))
            lately = col(ContentKey.destroyed_at) > moment - WRITTEN_ANEW
            count = (await session.exec(select(func.count()).where(lately))).one()
            ends = select(func.min(ContentKey.valid_until), func.max(ContentKey.valid_until)).where(alive)
            oldest, newest = (await session.exec(ends)).one()
        if count:
            async with self._database.outside_transactions() as connection:
                await connection.execute(text("VACUUM FULL config.content_key"))
        # Not before all of it has gone well: a figure that stands still is what tells that it has not.
        DUE.set((oldest + self._retention).timestamp() if oldest else math.inf)
        END.set(newest.timestamp() if newest else 0.0)
        return gone.rowcount

    async def maintain(self) -> None:
        """Issues and destroys, again and again; a database that is away for a while does not end it."""
        while True:
            await asyncio.sleep(MAINTENANCE_SECONDS)
            try:
                await self.issue(now())
                await self.destroy(now())
            except (DBAPIError, OSError):
                log.exception("content_keys_not_maintained")

    def _new(self, start: datetime) -> dict[str, object]:
        row_id = uuid4()
        wrapped = self._master_keys.seal(os.urandom(KEY_BYTES), row_id, FIELD)
        row = ContentKey(
            id=row_id, valid_from=start, valid_until=start + HOUR, wrapped_key=wrapped, key_id=key_id(wrapped)
        )
        return row.model_dump()

    def _opened(self, row: ContentKey) -> config.ContentKey:
        key = self._master_keys.open(row.wrapped_key or "", row.id, FIELD)
        encoded = SecretStr(base64.urlsafe_b64encode(key).decode())
        return config.ContentKey(id=row.id, valid_from=row.valid_from, valid_until=row.valid_until, key=encoded)
