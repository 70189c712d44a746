"""What the log forgets, and when."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from audit.anonymise import MINE, anonymise
from shared.audit import After, Attempt, NewHold
from shared.events import AuditRecorded
from tests.servers.audit import AuditServer, running_audit
from tests.servers.postgres import Postgres

# Far ahead, so that only the runs that a test asks for find something to do.
START = datetime(2041, 11, 1, tzinfo=UTC)
LONG_AGO = datetime(2021, 11, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What the simulated people and their addresses are called; nothing else in the database looks like it.
NAME = re.compile(r"person-(\d+)\.of\.(\d+)")
ADDRESS = re.compile(r"\b10\.0\.(\d+)\.(\d+)\b")


@pytest.fixture
async def audit(postgres: Postgres, database: str) -> AsyncGenerator[AuditServer]:
    async with running_audit(postgres, database) as server:
        yield server


async def record(audit: AuditServer, moment: datetime, **values: Any) -> AuditRecorded:
    event = AuditRecorded(**{"occurred_at": moment, "actor": str(uuid4()), "action": "login"} | values)
    await audit.service.log.record(event)
    return event


async def in_turn(work: Callable[[], Awaitable[bool]]) -> None:
    """The service forgets by itself from time to time, and may be at it just now."""
    for _ in range(1000):
        if await work():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it is never our turn")


async def forget(audit: AuditServer, now: datetime) -> None:
    await in_turn(lambda: anonymise(audit.service.engine, now))


def address_of(day: int, hour: int) -> str:
    return f"10.0.{day}.{hour}"


def everything(postgres: Postgres, database: str) -> str:
    """All rows of the schema as text, whatever their column."""
    with psycopg.connect(postgres.conninfo(database)) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'audit'"
        ).fetchall()
        rows = [connection.execute(f"SELECT t::text FROM audit.{table} t".encode()).fetchall() for (table,) in tables]
    assert len(tables) >= 4
    return "\n".join(row[0] for found in rows for row in found)


async def a_day(audit: AuditServer, day: int) -> None:
    """Log-ins in every second hour, some under a name as actor, and one name that is tried until it is locked."""
    for hour in range(0, 24, 2):
        moment = START + day * DAY + hour * HOUR
        name, address = f"person-{hour}.of.{day}", address_of(day, hour)
        await record(audit, moment, user_name=name, address=address, actor=name if hour % 4 else str(uuid4()))
        for _ in range(6 if hour == 22 else 1):
            await audit.service.locks.admit(Attempt(action="login", user_name=name, address=address), moment)


def oldest(found: list[int], end: datetime) -> timedelta:
    """By days of which something is left, at `end`."""
    return max((end - (START + day * DAY) for day in found), default=timedelta(0))


@pytest.mark.parametrize("missed", [frozenset[int](), frozenset({9, 10, 20})], ids=["daily", "with days missed"])
async def test_a_month(postgres: Postgres, database: str, audit: AuditServer, missed: frozenset[int]) -> None:
    for day in range(30):
        await a_day(audit, day)
        end = START + (day + 1) * DAY
        if day in missed:
            continue
        await forget(audit, end)
        left = everything(postgres, database)
        addresses = [int(found[1]) for found in ADDRESS.finditer(left)]
        names = [int(found[2]) for found in NAME.finditer(left)]
        assert day in addresses
        assert day in names
        assert oldest(addresses, end) <= 48 * HOUR
        assert oldest(names, end) <= 8 * DAY
    assert len(await audit.entries()) == 30 * 13, "the entries themselves stay, locks' among them"


async def test_to_the_hour(audit: AuditServer) -> None:
    now = START + 30 * DAY
    ages = {"fresh": 23 * HOUR, "a day": 25 * HOUR, "six days": 6 * DAY, "eight days": 8 * DAY}
    for name, age in ages.items():
        await record(audit, now - age, user_name=name, address="192.0.2.7", actor="ingest")
    await forget(audit, now)
    kept = [(entry.user_name, entry.address) for entry in await audit.entries()]
    assert kept == [("fresh", "192.0.2.7"), ("a day", ""), ("six days", ""), ("", "")]


async def test_actors_that_are_names_go_and_ids_stay(audit: AuditServer) -> None:
    now, account = START + 30 * DAY, str(uuid4())
    actors = [account, f"key {account}", "operator-token", "ingest", "anna", "Anna Huber", "anna@hotel.example"]
    for n, actor in enumerate(actors):
        await record(audit, now - 9 * DAY - n * HOUR, actor=actor)
    await forget(audit, now)
    assert [entry.actor for entry in await audit.entries()] == [*actors[:4], "", "", ""]


@pytest.mark.parametrize(
    "criteria",
    [
        {"user_name": "Anna"},
        {"address": "192.0.2.0/24"},
        {"since": START - DAY, "until": START + DAY},
        {"user_name": "anna", "address": "192.0.2.7", "since": START},
    ],
    ids=lambda criteria: " and ".join(criteria),
)
async def test_what_is_under_a_legal_hold_stays_until_it_is_released(audit: AuditServer, criteria: Any) -> None:
    await record(audit, START, user_name="anna", address="192.0.2.7", actor="anna")
    await record(audit, START + 2 * DAY, user_name="berta", address="198.51.100.7")
    hold = await audit.client.hold(NewHold(name="Az. 12 Js 345/26", **criteria))
    now = START + 30 * DAY
    await forget(audit, now)
    berta, anna = await audit.entries()
    assert (berta.user_name, berta.address) == ("", "")
    assert (anna.user_name, anna.address, anna.actor) == ("anna", "192.0.2.7", "anna")
    await audit.client.release(hold.id)
    await forget(audit, now)
    _, anna = await audit.entries()
    assert (anna.user_name, anna.address, anna.actor) == ("", "", "")
    (released,) = await audit.client.holds(After())
    assert (released.name, released.user_name, released.address) == ("Az. 12 Js 345/26", "", None)
    assert released.released_at is not None


async def test_one_replica_is_enough(audit: AuditServer) -> None:
    await record(audit, START, user_name="anna", address="192.0.2.7")
    async with audit.service.engine.begin() as other:
        await in_turn(lambda: other.scalar(MINE))
        assert await anonymise(audit.service.engine, START + 30 * DAY) is False
        assert (await audit.entries())[0].user_name == "anna"
    await forget(audit, START + 30 * DAY)
    assert (await audit.entries())[0].user_name == ""


async def test_it_runs_by_itself(postgres: Postgres, database: str) -> None:
    async with running_audit(postgres, database) as audit:
        await record(audit, LONG_AGO, user_name="anna", address="192.0.2.7")
    async with running_audit(postgres, database) as audit:
        for _ in range(200):
            (entry,) = await audit.entries()
            if not entry.user_name:
                break
            await asyncio.sleep(0.05)
        assert (entry.user_name, entry.address) == ("", "")


async def test_counts_that_mean_nothing_any_more_are_gone(audit: AuditServer) -> None:
    await audit.service.locks.admit(Attempt(action="login", user_name="anna", address="192.0.2.7"), START)
    for age, left in ((23 * HOUR, 2), (25 * HOUR, 0)):
        await forget(audit, START + age)
        async with audit.service.engine.connect() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM audit.lock")) == left
