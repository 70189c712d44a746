"""Who is locked out, for how long, and who is not."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from audit.main import Audit
from config_api.security.limiter import Limiter
from shared import audit_client
from shared.audit import Admission, After, Attempt, Success
from shared.settings import LimitSettings
from tests.servers.audit import AuditServer, audit_settings, running_audit
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.alone

# Far ahead, so that nothing is old enough to be forgotten meanwhile.
START = datetime(2041, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


class Counting(Protocol):
    """Who counts: audit in its database, config-api in its memory."""

    async def admit(self, attempt: Attempt, now: datetime) -> Admission: ...

    async def succeeded(self, success: Success, now: datetime) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self._limiter = Limiter(LimitSettings().rules())

    async def admit(self, attempt: Attempt, now: datetime) -> Admission:
        return self._limiter.admit(attempt, now)

    async def succeeded(self, success: Success, _: datetime) -> None:
        self._limiter.succeeded(success)


class Clock:
    """Attempts at times of the test's own."""

    def __init__(self, counting: Counting) -> None:
        self._counting = counting
        self.now = START

    async def admits(self, name: str = "anna", address: str = HERE, action: str = "login") -> bool:
        return await self.wait(name, address, action) == 0

    async def wait(self, name: str = "anna", address: str = HERE, action: str = "login") -> float:
        """Seconds, 0 where it is admitted."""
        attempt = Attempt(action=action, user_name=name, address=address)
        admission = await self._counting.admit(attempt, self.now)
        assert admission.admitted == (admission.retry_after == 0)
        return admission.retry_after

    async def succeeds(self, name: str = "anna", address: str = HERE, *others: str, counted: bool = True) -> None:
        success = Success(action="login", user_name=name, address=address, others=others, counted=counted)
        await self._counting.succeeded(success, self.now)

    async def admitted(self, times: int, name: str = "anna", address: str = HERE, action: str = "login") -> int:
        """How many of so many attempts."""
        return sum([await self.admits(name, address, action) for _ in range(times)])


@pytest.fixture
async def server(postgres: Postgres, database: str) -> AsyncGenerator[AuditServer]:
    async with running_audit(postgres, database) as server:
        yield server


@pytest.fixture(params=["audit", "process"])
def clock(request: pytest.FixtureRequest) -> Clock:
    if request.param == "process":
        return Clock(InMemory())
    server: AuditServer = request.getfixturevalue("server")
    return Clock(server.service.locks)


async def test_five_failures_lock_a_name_wherever_they_come_from(clock: Clock) -> None:
    assert [await clock.admits(address=f"192.0.2.{n}") for n in range(7)] == [True] * 5 + [False] * 2
    assert await clock.admits("ANNA", "198.51.100.1") is False
    assert await clock.admits("berta")


async def test_twenty_failures_lock_an_address_whoever_is_tried(clock: Clock) -> None:
    assert sum([await clock.admits(f"name{n}") for n in range(30)]) == 20
    assert await clock.admits("berta", ELSEWHERE)


async def test_an_ipv6_customer_is_one_address(clock: Clock) -> None:
    assert sum([await clock.admits(f"name{n}", f"2001:db8:1:1::{n:x}") for n in range(30)]) == 20
    assert await clock.admits("berta", "2001:db8:1:2::1")
    assert await clock.admitted(30, "", "::ffff:192.0.2.1") == 20
    assert not await clock.admits("", HERE)


async def test_what_is_no_address_is_not_without_limits(clock: Clock) -> None:
    assert sum([await clock.admits(f"name{n}", "unknown") for n in range(30)]) == 20


async def test_the_delay_doubles_from_a_minute_to_a_day(clock: Clock) -> None:
    delays: list[float] = []
    for _ in range(13):
        assert await clock.admitted(5) == 5
        delays.append(await clock.wait())
        clock.now += timedelta(seconds=delays[-1])
    assert delays == [min(24 * 3600, 60 * 2**n) for n in range(13)]


async def test_a_lock_a_day_after_the_last_one_is_a_first_one(clock: Clock) -> None:
    for _ in range(3):
        await clock.admitted(5)
        clock.now += timedelta(seconds=await clock.wait())
    clock.now += timedelta(days=1)
    await clock.admitted(5)
    assert await clock.wait() == 60


async def test_failures_count_within_fifteen_minutes(clock: Clock) -> None:
    assert await clock.admitted(4) == 4
    clock.now += 15 * MINUTE
    assert await clock.admitted(4) == 4
    clock.now += 14 * MINUTE
    assert await clock.admitted(2) == 1


async def test_success_frees_the_name(clock: Clock) -> None:
    await clock.admitted(5)
    await clock.succeeds()
    assert await clock.admitted(6, address=ELSEWHERE) == 5


async def test_success_does_not_clear_the_address(clock: Clock) -> None:
    """Who tries many names, and his own in between, is locked none the later."""
    failed = 0
    for n in range(40):
        if n % 4 == 0 and await clock.admits("own"):
            await clock.succeeds("own")
        failed += await clock.admits(f"name{n}")
    assert failed == 20


async def test_people_who_log_in_do_not_lock_their_office(clock: Clock) -> None:
    for n in range(100):
        assert await clock.admits(f"colleague{n}")
        await clock.succeeds(f"colleague{n}")


async def test_an_attack_from_everywhere_does_not_lock_out_where_the_name_is_known(clock: Clock) -> None:
    assert await clock.admits()
    await clock.succeeds()
    for n in range(200):
        clock.now += timedelta(seconds=1)
        await clock.admits(address=f"198.51.100.{n}")
    assert not await clock.admits(address=ELSEWHERE)
    assert await clock.admits()
    await clock.succeeds()
    assert not await clock.admits(address=ELSEWHERE), "the lock for strangers stays"


async def test_a_known_address_has_its_own_limit(clock: Clock) -> None:
    await clock.admits()
    await clock.succeeds()
    assert await clock.admitted(8) == 5
    assert await clock.wait() == 60
    assert await clock.admits(address=ELSEWHERE)


async def test_a_colleagues_infected_computer_locks_out_nobody_who_is_known(clock: Clock) -> None:
    await clock.admits()
    await clock.succeeds()
    for n in range(30):
        await clock.admits(f"name{n}")
    assert not await clock.admits("berta")
    assert await clock.admits("anna")


async def test_who_proves_it_by_mail_is_let_in_from_anywhere(clock: Clock) -> None:
    for n in range(5):
        await clock.admits(address=f"198.51.100.{n}")
    assert not await clock.admits()
    await clock.succeeds("anna", HERE, "anna", "anna@hotel.example", counted=False)
    for name in ("anna", "anna@hotel.example"):
        assert await clock.admits(name)


async def test_the_next_attempts_at_the_same_moment_are_no_way_around(
    server: AuditServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_client, "ADMISSION_SECONDS", 30.0)
    attempts = [Attempt(action="login", user_name="anna", address=f"192.0.2.{n % 50}") for n in range(100)]
    admissions = await asyncio.gather(*(server.client.admit(attempt) for attempt in attempts))
    assert sum(admission.admitted for admission in admissions) == 5
    (lock,) = await server.client.locks(After())
    assert (lock.kind, lock.user_name, lock.attempts) == ("name", "anna", 5)


async def test_actions_are_counted_apart_and_by_their_own_limits(clock: Clock) -> None:
    await clock.admitted(6)
    assert not await clock.admits()
    assert await clock.admitted(25, "", HERE, "register") == 20
    assert await clock.admitted(10, "anna", HERE, "password_reset") == 5
    assert await clock.admitted(70, "", HERE, "invitation") == 60
    assert await clock.admitted(10, "anna", HERE, "something_new") == 5
    clock.now += 59 * MINUTE
    assert not await clock.admits("", HERE, "register")
    clock.now += MINUTE
    assert await clock.admits("", HERE, "register")


async def test_the_operator_lifts_a_lock(server: AuditServer) -> None:
    clock = Clock(server.service.locks)
    clock.now = datetime.now(UTC)
    await clock.admitted(6)
    (lock,) = await server.client.locks(After())
    await server.client.lift(lock.id)
    assert await server.client.locks(After()) == []
    assert await clock.admitted(6) == 5


async def test_locks_come_in_pages_the_first_to_end_first(server: AuditServer) -> None:
    clock = Clock(server.service.locks)
    for n in range(12):
        await clock.admitted(5, f"name{n}", f"192.0.2.{n}")
        clock.now += timedelta(seconds=1)
    names: list[str] = []
    after = After(limit=5)
    for _ in range(3):
        page = await server.service.locks.list_locked(after, clock.now)
        names += [lock.user_name for lock in page]
        after = After(limit=5, moment=page[-1].locked_until, last_id=page[-1].id)
    assert names == [f"name{n}" for n in range(12)]


async def test_a_lock_is_in_the_log(server: AuditServer) -> None:
    await Clock(server.service.locks).admitted(6)
    (entry,) = await server.entries(action="login.locked")
    assert (entry.user_name, entry.address, entry.outcome, entry.actor) == ("anna", HERE, "name", "audit")


async def test_locks_survive_a_restart(postgres: Postgres, database: str) -> None:
    for admitted in (3, 2, 0):
        async with running_audit(postgres, database) as server:
            assert await Clock(server.service.locks).admitted(3) == admitted


async def test_the_limits_are_the_operators(postgres: Postgres, database: str) -> None:
    service = Audit.of(audit_settings(postgres, database, login_failures_per_name=2, first_lock=5, longest_lock=10))
    async with running_audit(postgres, database):
        clock = Clock(service.locks)
        assert await clock.admitted(4) == 2
        for seconds in (5, 10, 10):
            assert await clock.wait() == seconds
            clock.now += timedelta(seconds=seconds)
            await clock.admitted(2)
    await service.engine.dispose()


async def test_a_flood_of_addresses_costs_no_more_memory_than_planned() -> None:
    limiter = Limiter(LimitSettings().rules(), kept=100)
    for n in range(1000):
        attempt = Attempt(action="login", user_name=f"name{n}", address=f"10.0.{n // 250}.{n % 250}")
        limiter.admit(attempt, START)
        limiter.succeeded(Success(**attempt.model_dump()))
        assert len(limiter) <= 200
