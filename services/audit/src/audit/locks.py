"""Counts of what was tried, and the locks that follow from them. The rules are shared.limits'.

Names and addresses are found by a keyed digest. The row's own are for the operator to read, and go by age.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from itertools import product
from typing import Any
from uuid import UUID, uuid4

from prometheus_client import Counter
from sqlalchemy import bindparam, delete, null, select, text, tuple_, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from audit.log import insertion
from audit.tables import known_addresses, locks
from shared import audit
from shared.events import AuditRecorded
from shared.limits import ACTIONS, Count, Key, Kind, Limit, Rules, keys, locks_name, pair

LOCKED = Counter("kinamik_audit_locks_total", "Names and addresses that were locked", ["action", "kind"])
for _labels in product(ACTIONS, Kind):
    LOCKED.labels(*_labels)

# Takes the rows for this transaction, whether they are new or not, and always in the same order, so that nobody waits
# for two of them crosswise. That a power cut may take a count back by half a second is no loss, so nobody waits for
# the disk.
TAKE = text("""
    INSERT INTO audit.lock (key, id, action, kind, user_name, address, began_at, attempts, locks)
    SELECT key, id, action, kind, user_name, address, :now, 0, 0
    FROM unnest(CAST(:keys AS bytea[]), CAST(:ids AS uuid[]), CAST(:actions AS varchar[]), CAST(:kinds AS varchar[]),
        CAST(:user_names AS varchar[]), CAST(:addresses AS varchar[])) AS t (key, id, action, kind, user_name, address)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET user_name = excluded.user_name, address = excluded.address
    RETURNING key, id, began_at, attempts, locks, locked_until, set_config('synchronous_commit', 'off', true)""")
STORE = (
    update(locks)
    .where(locks.c.id == bindparam("held_id"))
    .values({name: bindparam(name) for name in ("began_at", "attempts", "locks", "locked_until")})
)
_adding = insert(known_addresses)
KNOWN = _adding.on_conflict_do_update(index_elements=["key"], set_={"succeeded_at": _adding.excluded.succeeded_at})
HURRIED = text("SELECT set_config('synchronous_commit', 'on', true)")


@dataclass(frozen=True, slots=True)
class Looked:
    """What an attempt counts for, and seconds to wait where that is locked."""

    counted: list[Key]
    wait: float


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
            (looked,) = await self._look(connection, [attempt], now)
        if looked.wait:
            return audit.Admission(admitted=False, retry_after=looked.wait)
        return await self._count(looked.counted, attempt.address, now)

    async def succeeded(self, success: audit.Success, now: datetime) -> None:
        """Frees the name, and gives this one attempt back to the address: others from there may be guesses.

        From now on the name is known at this address. Where it was before, its lock elsewhere stays.
        """
        names = {success.user_name, *success.others} - {""}
        named = [success.model_copy(update={"user_name": name}) for name in sorted(names)]
        async with self._engine.begin() as connection:
            as_tried, *of_names = await self._look(connection, [success, *named], now)
            given_back = [key for key in as_tried.counted if key.kind is Kind.ADDRESS and success.counted]
            held = await self._take(connection, given_back, now)
            back = {each: each.count.given_back(self._limit(each.key)) for each in held}
            await self._store(connection, back, now, success.address)
            freed = [key for each in of_names for key in each.counted if key.kind is not Kind.ADDRESS]
            await connection.execute(delete(locks).where(locks.c.key.in_(map(self._digest, freed))))
            if named and Kind.PAIR in self._rules.of(success.action):
                rows = [self._known(each) | {"succeeded_at": now} for each in named]
                await connection.execute(KNOWN, sorted(rows, key=lambda row: row["key"]))

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

    def name_key(self, digest: str) -> bytes:
        """What known addresses are found by; `digest` is a name's SHA-256, as ErasureRequested tells it."""
        return hmac.digest(self._secret, digest.encode(), "sha256")

    def _limit(self, key: Key) -> Limit:
        return self._rules.of(key.action)[key.kind]

    def _digest(self, key: Key) -> bytes:
        value = "\x00".join((key.action, key.kind, key.user_name, key.address))
        return hmac.digest(self._secret, value.encode(), "sha256")

    def _known(self, success: audit.Success) -> dict[str, Any]:
        name = sha256(success.user_name.lower().encode()).hexdigest()
        here = pair(success.action, success.user_name, success.address)
        return {"key": self._digest(here), "name": self.name_key(name)}

    async def _look(
        self, connection: AsyncConnection, attempts: Sequence[audit.Attempt], now: datetime
    ) -> list[Looked]:
        """One statement that holds up nobody: of an attack's attempts most get no further."""
        ways = [(self._keys(attempt, known=False), self._keys(attempt, known=True)) for attempt in attempts]
        here = [self._digest(pair(each.action, each.user_name, each.address)) for each in attempts]
        digests = {key: self._digest(key) for way in ways for counted in way for key in counted}
        locked = select(locks.c.key, locks.c.locked_until).where(
            locks.c.key.in_(digests.values()), locks.c.locked_until > now
        )
        known = select(known_addresses.c.key, null()).where(known_addresses.c.key.in_(here))
        found = (await connection.execute(union_all(locked, known))).all()
        known_here = {digest for digest, until in found if until is None}
        waits = {digest: (until - now).total_seconds() for digest, until in found if until is not None}
        counted = [way[digest in known_here] for way, digest in zip(ways, here, strict=True)]
        return [Looked(each, max((waits.get(digests[key], 0.0) for key in each), default=0.0)) for each in counted]

    def _keys(self, attempt: audit.Attempt, *, known: bool) -> list[Key]:
        return keys(self._rules, attempt.action, attempt.user_name, attempt.address, known=known)

    async def _count(self, counted: list[Key], address: str, now: datetime) -> audit.Admission:
        """Refused where others have just been the last ones before a lock."""
        async with self._engine.begin() as connection:
            held = await self._take(connection, counted, now)
            if wait := max((each.count.retry_after(now) for each in held), default=0.0):
                await connection.rollback()
                return audit.Admission(admitted=False, retry_after=wait)
            after = {each: each.count.attempted(self._limit(each.key), now) for each in held}
            await self._store(connection, after, now, address)
        counts = {each.key: count for each, count in after.items()}
        return audit.Admission(admitted=True, locks_name=locks_name(counts, now))

    async def _take(self, connection: AsyncConnection, counted: Sequence[Key], now: datetime) -> list[Held]:
        if not counted:
            return []
        by_digest = {self._digest(key): key for key in counted}
        columns = {
            "keys": list(by_digest),
            "ids": [uuid4() for _ in counted],
            "actions": [key.action for key in counted],
            "kinds": [key.kind.value for key in counted],
            "user_names": [key.user_name for key in counted],
            "addresses": [key.address for key in counted],
        }
        rows = await connection.execute(TAKE, columns | {"now": now})
        return [
            Held(by_digest[row.key], row.id, Count(row.began_at, row.attempts, row.locks, row.locked_until))
            for row in rows
        ]

    async def _store(
        self, connection: AsyncConnection, counts: Mapping[Held, Count], now: datetime, address: str
    ) -> None:
        """A lock that begins with it is in the security log."""
        if counts:
            await connection.execute(STORE, [{"held_id": held.id} | asdict(count) for held, count in counts.items()])
        for held in (held for held, count in counts.items() if count.retry_after(now) > 0):
            LOCKED.labels(held.key.action, held.key.kind.value).inc()
            await connection.execute(insertion(_locked(held, address, now)))
            await connection.execute(HURRIED)


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
