"""The security log: nothing that is announced gets lost, and nobody rewrites it."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from audit.log import KEEPER, WRITER, taking
from shared.audit import After, Filters
from shared.errors import TransientError
from shared.events import AuditRecorded, Event
from tests.servers.audit import AuditServer, running_audit
from tests.servers.config_api import running_config_api
from tests.servers.postgres import Postgres

# Far ahead, so that nothing is old enough to be anonymised meanwhile.
NOON = datetime(2041, 11, 22, 12, tzinfo=UTC)
HOTEL = UUID(int=7)


@pytest.fixture
async def audit(postgres: Postgres, database: str) -> AsyncGenerator[AuditServer]:
    async with running_audit(postgres, database) as server:
        yield server


def an_event(minute: int = 0, **values: Any) -> AuditRecorded:
    occurred = {"occurred_at": NOON + timedelta(minutes=minute)}
    return AuditRecorded(**{"actor": str(uuid4()), "action": "login"} | occurred | values)


async def test_what_is_announced_is_stored_once_however_often_it_comes(audit: AuditServer) -> None:
    event = an_event(
        organisation_id=HOTEL, subject="x", outcome="failed", address="192.0.2.7", user_name="Anna@Hotel.example"
    )
    await audit.publish(event, event)
    await audit.publish(event, an_event(-1))
    await audit.arrived(2)
    stored, _ = await audit.entries()
    expected = event.model_dump(exclude={"event_id"}) | {"id": event.event_id, "user_name": "anna@hotel.example"}
    assert stored.model_dump() == expected


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"user_name": "a\x00b"}, {"user_name": "a\ufffdb"}),
        ({"user_name": "ä" * 3000}, {"user_name": "ä" * 500}),
        ({"address": "unknown"}, {"address": ""}),
        ({"address": "fe80::1%eth0"}, {"address": "fe80::1"}),
        ({"actor": "'; DROP TABLE audit.entry; --"}, {"actor": "'; DROP TABLE audit.entry; --"}),
    ],
    ids=str,
)
async def test_whatever_was_entered_is_stored(audit: AuditServer, sent: Any, stored: Any) -> None:
    await audit.publish(an_event(**sent))
    await audit.arrived(1)
    (entry,) = await audit.entries()
    assert entry.model_dump(include=set(stored)) == stored


async def test_nothing_is_lost_while_the_database_refuses(
    postgres: Postgres, database: str, audit: AuditServer
) -> None:
    postgres.execute("ALTER TABLE audit.entry RENAME TO away", database)
    events = [an_event(n) for n in range(20)]
    await audit.publish(*events)
    await asyncio.sleep(1.5)
    postgres.execute("ALTER TABLE audit.away RENAME TO entry", database)
    await audit.arrived(20, seconds=30)
    assert {entry.id for entry in await audit.entries()} == {event.event_id for event in events}


async def test_nothing_is_lost_while_audit_is_down(postgres: Postgres, database: str) -> None:
    async with running_audit(postgres, database) as audit:
        postgres.execute("ALTER TABLE audit.entry RENAME TO away", database)
        event = an_event()
        await audit.publish(event)
        await asyncio.sleep(0.3)
    postgres.execute("ALTER TABLE audit.away RENAME TO entry", database)
    async with running_audit(postgres, database) as audit:
        await audit.arrived(1, seconds=30)


async def test_nothing_is_lost_while_the_bus_refuses(postgres: Postgres, database: str, audit: AuditServer) -> None:
    refused = 0

    async def publish(event: Event) -> None:
        nonlocal refused
        if refused < 5:
            refused += 1
            raise TransientError("bus_unavailable")
        await audit.publish(event)

    async with running_config_api(postgres, database, publish=publish) as api:
        for n in range(3):
            await api.http.post("/auth/login", json={"login": f"name{n}", "password": "wrong"})
        found = await audit.arrived(3, action="login", seconds=30)
    assert {entry.user_name for entry in found} == {"name0", "name1", "name2"}
    assert refused == 5


async def test_the_search_narrows_by_everything_that_is_given(audit: AuditServer) -> None:
    anna, berta = str(uuid4()), str(uuid4())
    await audit.publish(
        an_event(0, actor=anna, user_name="anna", address="192.0.2.7", organisation_id=HOTEL),
        an_event(1, actor=anna, action="logout", address="2001:db8::5"),
        an_event(2, actor=berta, user_name="berta", address="192.0.2.99", outcome="failed"),
        an_event(3, actor="ingest", action="mailbox.stopped", organisation_id=HOTEL),
    )
    await audit.arrived(4)
    searches: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [3, 2, 1, 0]),
        ({"since": NOON + timedelta(minutes=1), "until": NOON + timedelta(minutes=3)}, [2, 1]),
        ({"action": "login"}, [2, 0]),
        ({"actor": anna}, [1, 0]),
        ({"organisation_id": HOTEL}, [3, 0]),
        ({"outcome": "failed"}, [2]),
        ({"user_name": "ANNA"}, [0]),
        ({"address": "192.0.2.7"}, [0]),
        ({"address": "192.0.2.0/24"}, [2, 0]),
        ({"address": "2001:db8::/32"}, [1]),
        ({"actor": anna, "action": "login", "address": "192.0.2.99"}, []),
    ]
    for filters, minutes in searches:
        found = [(entry.occurred_at - NOON) // timedelta(minutes=1) for entry in await audit.entries(**filters)]
        assert found == minutes, filters


async def test_pages_give_every_entry_once_though_newer_ones_come(audit: AuditServer) -> None:
    await audit.publish(*(an_event(n // 3) for n in range(25)))
    await audit.arrived(25)
    before = {entry.id for entry in await audit.entries()}
    seen: list[UUID] = []
    after = After(limit=10)
    for n in range(3):
        page = await audit.client.entries(Filters(), after)
        seen += [entry.id for entry in page]
        await audit.publish(an_event(100 + n))
        after = After(limit=10, moment=page[-1].occurred_at, last_id=page[-1].id)
    assert len(seen) == 25
    assert set(seen) == before


async def exported(audit: AuditServer, **filters: Any) -> list[dict[str, str]]:
    async with audit.client.csv(Filters(**filters)) as pieces:
        text = b"".join([piece async for piece in pieces]).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_the_export_has_everything_and_no_formula(postgres: Postgres, database: str, audit: AuditServer) -> None:
    names = ["=1+1", "+49", "-1", "@SUM(A1)", "\tx", '"quoted", and\nbroken', "plain"]
    await audit.publish(*(an_event(n, user_name=name, address="192.0.2.7") for n, name in enumerate(names)))
    await audit.arrived(len(names))
    older = (
        "INSERT INTO audit.entry (id, occurred_at, actor, action, subject, outcome)"
        " SELECT gen_random_uuid(), '2041-11-01'::timestamptz + n * interval '1 s', '', 'logout', '', 'ok'"
        " FROM generate_series(1, 2500) n"
    )
    postgres.execute(older, database)
    rows = await exported(audit)
    assert [row["user_name"] for row in rows[:7]][::-1] == [
        "'=1+1",
        "'+49",
        "'-1",
        "'@sum(a1)",
        "'\tx",
        '"quoted", and\nbroken',
        "plain",
    ]
    assert rows[0]["address"] == "192.0.2.7"
    assert len({row["id"] for row in rows}) == 2507
    assert [row["user_name"] for row in await exported(audit, user_name="plain")] == ["plain"]


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (WRITER, "SELECT * FROM audit.entry"),
        (WRITER, "UPDATE audit.entry SET address = NULL"),
        (WRITER, "DELETE FROM audit.entry"),
        (KEEPER, "DELETE FROM audit.entry"),
        (KEEPER, "UPDATE audit.entry SET outcome = 'ok'"),
        (KEEPER, "UPDATE audit.entry SET occurred_at = now()"),
        (KEEPER, "INSERT INTO audit.entry SELECT * FROM audit.entry"),
        (KEEPER, "TRUNCATE audit.entry"),
        (KEEPER, "UPDATE audit.legal_hold SET released_at = now()"),
    ],
)
async def test_the_log_is_written_once(audit: AuditServer, role: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with taking(audit.service.engine, role) as connection:
            await connection.execute(text(statement))


@pytest.mark.parametrize("token", [None, "", "wrong", "the services' token "])
async def test_only_the_services_may_ask(audit: AuditServer, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}x"}
    async with httpx2.AsyncClient(base_url=f"{audit.url}/internal/v1/audit", headers=headers) as stranger:
        for method, path in (("GET", "/entries"), ("POST", "/admit"), ("DELETE", f"/locks/{uuid4()}")):
            assert (await stranger.request(method, path)).status_code == 401
