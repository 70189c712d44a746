"""Counts of what was tried, and the locks that follow from them. The rules are shared.limits'.

Names and addresses are found by a keyed digest. The row's own are for the operator to read, and go by age.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from prometheus_client import Counter
from sqlalchemy import delete, null, select, text, tuple_, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from audit.log import insertion
from audit.tables import known_addresses, locks
from shared import audit
from shared.events import AuditRecorded
from shared.limits import Count, Key, Kind, Limit, Rules, keys, pair

LOCKED = Counter("kinamik_audit_locks_total", "Names and addresses that were locked", ["action", "kind"])

# Takes the row for this transaction, whether it is new or not. That a power cut may take a count back by half a
# second is no loss, so nobody waits for the disk.
TAKE = text("""
    INSERT INTO audit.lock (key, id, action, kind, user_name, address, began_at, attempts, locks)
    VALUES (:key, :id, :action, :kind, :user_name, :address, :now, 0, 0)
    ON CONFLICT (key) DO UPDATE SET user_name = excluded.user_name, address = excluded.address
    RETURNING id, began_at, attempts, locks, locked_until, set_config('synchronous_commit', 'off', true)""")
HURRIED = text("SELECT set_config('synchronous_commit', 'on', true)")


@dataclass(frozen=True, slots=True)
class Held:
    """A count whose row is ours until the transaction ends."""

    key: Key
    id: UUID
    count: Count


class Locks:
    """`secret` keys the digests; with another one every count and every known address is forgotten."""

    def __init__(self, engine: AsyncEngine, rules: Rules, secret: bytes) -> None:
        self._engine = engine
        self._at_once = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._rules = rules
        self._secret = secret

    async def admit(self, attempt: audit.Attempt, now: datetime) -> audit.Admission:
        """Counts the attempt, unless what it counts for is locked."""
        async with self._at_once.connect() as connection:
            counted, wait = await self._look(connection, attempt, now)
        if not wait:
            wait = await self._count(counted, attempt.address, now)
        return audit.Admission(admitted=not wait, retry_after=wait)

    async def succeeded(self, success: audit.Success, now: datetime) -> None:
        """Frees the name, and gives this one attempt back to the address: others from there may be guesses.

        From now on the name is known at this address. Where it was before, its lock elsewhere stays.
        """
        async with self._engine.begin() as connection:
            counted, _ = await self._look(connection, success, now)
            for key in counted if success.counted else ():
                if key.kind is Kind.ADDRESS:
                    held = await self._take(connection, key, now)
                    await self._store(connection, held, held.count.given_back(self._limit(key)), now, success.address)
            for name in {success.user_name, *success.others} - {""}:
                await self._free(connection, success.model_copy(update={"user_name": name}), now)

    async def list_locked(self, after: audit.After, now: datetime) -> Sequence[audit.Lock]:
        """Those that hold now, the first to end first."""
        query = select(locks).where(locks.c.locked_until > now).order_by(locks.c.locked_until, locks.c.id)
        if after.moment is not None:
            query = query.where(tuple_(locks.c.locked_until, locks.c.id) > (after.moment, after.last_id))
        async with self._at_once.connect() as connection:
            rows = (await connection.execute(query.limit(after.limit))).mappings()
            return [audit.Lock.model_validate(dict(row)) for row in rows]

    async def lift(self, lock_id: UUID) -> bool:
        """Forgets the count too; whether there was such a lock."""
        async with self._engine.begin() as connection:
            gone = await connection.execute(delete(locks).where(locks.c.id == lock_id))
        return gone.rowcount > 0

    def _limit(self, key: Key) -> Limit:
        return self._rules.of(key.action)[key.kind]

    def _digest(self, key: Key) -> bytes:
        value = "\x00".join((key.action, key.kind, key.user_name, key.address))
        return hmac.digest(self._secret, value.encode(), "sha256")

    async def _look(
        self, connection: AsyncConnection, attempt: audit.Attempt, now: datetime
    ) -> tuple[list[Key], float]:
        """What the attempt counts for, and seconds to wait where that is locked.

        One statement that holds up nobody: of an attack's attempts most get no further.
        """
        if_known, if_not = (
            keys(self._rules, attempt.action, attempt.user_name, attempt.address, known=known)
            for known in (True, False)
        )
        digests = {key: self._digest(key) for key in (*if_known, *if_not)}
        here = self._digest(pair(attempt.action, attempt.user_name, attempt.address))
        locked = select(locks.c.key, locks.c.locked_until).where(
            locks.c.key.in_(digests.values()), locks.c.locked_until > now
        )
        known = select(known_addresses.c.key, null()).where(known_addresses.c.key == here)
        found = (await connection.execute(union_all(locked, known))).all()
        counted = if_known if any(until is None for _, until in found) else if_not
        of_these = {digests[key] for key in counted}
        waits = [(until - now).total_seconds() for digest, until in found if until and digest in of_these]
        return counted, max(waits, default=0.0)

    async def _count(self, counted: list[Key], address: str, now: datetime) -> float:
        """0 where it was counted, or seconds to wait where others have just been the last ones before a lock."""
        async with self._engine.begin() as connection:
            # Always in the same order, so that nobody waits for two rows crosswise.
            held = [await self._take(connection, key, now) for key in sorted(counted, key=self._digest)]
            if wait := max((each.count.retry_after(now) for each in held), default=0.0):
                await connection.rollback()
                return wait
            for each in held:
                await self._store(connection, each, each.count.attempted(self._limit(each.key), now), now, address)
        return 0.0

    async def _take(self, connection: AsyncConnection, key: Key, now: datetime) -> Held:
        values = {"key": self._digest(key), "id": uuid4(), "action": key.action, "kind": key.kind.value}
        shown = {"user_name": key.user_name, "address": key.address, "now": now}
        row = (await connection.execute(TAKE, values | shown)).one()
        return Held(key, row.id, Count(row.began_at, row.attempts, row.locks, row.locked_until))

    async def _store(self, connection: AsyncConnection, held: Held, count: Count, now: datetime, address: str) -> None:
        """A lock that begins with it is in the security log."""
        values = {"began_at": count.began_at, "attempts": count.attempts, "locks": count.locks}
        values |= {"locked_until": count.locked_until}
        await connection.execute(update(locks).where(locks.c.id == held.id).values(values))
        if count.retry_after(now) > 0:
            LOCKED.labels(held.key.action, held.key.kind.value).inc()
            await connection.execute(insertion(_locked(held, address, now)))
            await connection.execute(HURRIED)

    async def _free(self, connection: AsyncConnection, attempt: audit.Attempt, now: datetime) -> None:
        counted, _ = await self._look(connection, attempt, now)
        named = [self._digest(key) for key in counted if key.kind is not Kind.ADDRESS]
        await connection.execute(delete(locks).where(locks.c.key.in_(named)))
        if Kind.PAIR in self._rules.of(attempt.action):
            known = self._digest(pair(attempt.action, attempt.user_name, attempt.address))
            row = {"key": known, "succeeded_at": now}
            again = insert(known_addresses).values(**row)
            await connection.execute(again.on_conflict_do_update(index_elements=["key"], set_=row))


def _locked(held: Held, address: str, now: datetime) -> AuditRecorded:
    return AuditRecorded(
        occurred_at=now,
        actor="audit",
        action=f"{held.key.action}.locked",
        subject=str(held.id),
        outcome=held.key.kind.value,
        address=address,
        user_name=held.key.user_name,
    )
