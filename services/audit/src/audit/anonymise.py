"""Forgetting: addresses after a day, names after a week, unless a legal hold is on them.

What is due follows from the entries alone, not from when this ran last. So a day on which nothing ran is made up for
by the next run.
"""

from datetime import UTC, datetime, timedelta

from prometheus_client import Counter
from sqlalchemy import case, delete, func, or_, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from audit.holds import held
from audit.log import KEEPER, TAKE_ROLE
from audit.tables import entries, known_addresses, locks
from shared.database import repeatedly
from shared.limits import FORGOTTEN_AFTER

ADDRESSES_KEPT = timedelta(hours=24)
NAMES_KEPT = timedelta(days=7)
KNOWN_ADDRESSES_KEPT = timedelta(days=30)
# Oftener than once a day, so that what is due does not wait for a whole day more.
EVERY = timedelta(hours=1)

FORGOTTEN = Counter("kinamik_audit_forgotten_total", "Entries that lost their address or name", ["what"])
for _what in ("address", "name"):
    FORGOTTEN.labels(_what)
MINE = text("SELECT pg_try_advisory_xact_lock(hashtext('kinamik.audit.anonymise'))")


async def anonymise(engine: AsyncEngine, now: datetime) -> bool:
    """Removes what is due at `now`; False where another replica is at it."""
    async with engine.begin() as connection:
        if not await connection.scalar(MINE):
            return False
        await _locks(connection, now)
        await connection.execute(TAKE_ROLE, {"role": KEEPER})
        FORGOTTEN.labels("address").inc(await _addresses(connection, now))
        FORGOTTEN.labels("name").inc(await _names(connection, now))
    return True


async def keep_anonymising(engine: AsyncEngine) -> None:
    """For ever."""
    seconds = EVERY.total_seconds()
    await repeatedly(lambda: anonymise(engine, datetime.now(UTC)), seconds=seconds, complaint="not_anonymised")


async def _addresses(connection: AsyncConnection, now: datetime) -> int:
    due = entries.c.address.is_not(None), entries.c.occurred_at < now - ADDRESSES_KEPT
    return (await connection.execute(update(entries).where(*due, ~held()).values(address=None))).rowcount


async def _names(connection: AsyncConnection, now: datetime) -> int:
    has_name = or_(entries.c.user_name != "", entries.c.named)
    actor = case((entries.c.named, ""), else_=entries.c.actor)
    forgotten = {"user_name": "", "actor": actor, "named": False}
    due = has_name, entries.c.occurred_at < now - NAMES_KEPT
    return (await connection.execute(update(entries).where(*due, ~held()).values(forgotten))).rowcount


async def _locks(connection: AsyncConnection, now: datetime) -> None:
    """Counts that mean nothing any more go; of the others, what they are about, by its age."""
    last = func.coalesce(locks.c.locked_until, locks.c.began_at)
    await connection.execute(delete(locks).where(last < now - FORGOTTEN_AFTER))
    for column, kept in ((locks.c.address, ADDRESSES_KEPT), (locks.c.user_name, NAMES_KEPT)):
        await connection.execute(update(locks).where(column != "", locks.c.began_at < now - kept).values({column: ""}))
    await connection.execute(delete(known_addresses).where(known_addresses.c.succeeded_at < now - KNOWN_ADDRESSES_KEPT))
