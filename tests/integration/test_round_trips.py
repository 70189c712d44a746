"""What a request costs at the database, and who gets a connection: neither may get worse unnoticed."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Generator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from config_api import database as connections
from config_api.database import Database
from shared import database as shared_database
from shared.audit import Attempt, Success
from shared.database import create_engine
from tests.problems import is_problem
from tests.servers.audit import running_audit
from tests.servers.config_api import ConfigApiServer, Resource
from tests.servers.person import UNLIMITED, Person, a_person, log_in
from tests.servers.postgres import Postgres

Ask = Callable[[], Awaitable[Any]]


@pytest.fixture
def api_settings() -> dict[str, Any]:
    return UNLIMITED


@pytest.fixture
def round_trips(monkeypatch: pytest.MonkeyPatch) -> Callable[[Ask], Awaitable[int]]:
    """How often psycopg waits for PostgreSQL: for each statement, COMMIT, and test of a connection.

    BEGIN goes with the first statement. The outbox's relay uses asyncpg, and does not count.
    """
    wait, waited = psycopg.AsyncConnection.wait, [0]

    def noting(steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """What ends without a step was nothing: a ROLLBACK after COMMIT."""
        first = True
        ready: Any = None
        while True:
            try:
                step = steps.send(ready)
            except StopIteration as end:
                return end.value
            waited[0] += first
            first, ready = False, (yield step)

    async def counted(self: psycopg.AsyncConnection[Any], steps: Any, *arguments: Any) -> Any:
        return await wait(self, noting(steps), *arguments)

    monkeypatch.setattr(psycopg.AsyncConnection, "wait", counted)

    async def cheapest(ask: Ask) -> int:
        """Of some tries: now and then something is done besides, or a connection is new."""
        counts: list[int] = []
        for _ in range(6):
            before = waited[0]
            response = await ask()
            assert response is None or response.is_success, response.text
            counts.append(waited[0] - before)
        return min(counts)

    return cheapest


async def an_owner(api: ConfigApiServer) -> tuple[Person, Resource]:
    anna = await a_person(api)
    organisation = (await anna.http.post("/organisations", json={"name": "Hotel Seeblick"})).json()
    path = f"/organisations/{organisation['id']}"
    assistant = (await anna.http.post(f"{path}/assistants", json={"name": "Anna"})).json()
    return anna, Resource(api, path, assistant["id"])


async def test_reading_takes_one_lookup_and_one_short_transaction(
    api: ConfigApiServer, round_trips: Callable[[Ask], Awaitable[int]]
) -> None:
    anna, assistant = await an_owner(api)
    await assistant.entry("Frage?")
    knowledge = f"{assistant.path}/knowledge"
    # Who asks; the role, the page, COMMIT.
    assert await round_trips(lambda: anna.http.get(knowledge)) == 4
    key = (await anna.http.post(f"{assistant.organisation}/api-keys", json={"name": "Website"})).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    assert await round_trips(lambda: api.http.get(knowledge, headers=headers)) == 4


async def test_changing_an_entry(api: ConfigApiServer, round_trips: Callable[[Ask], Awaitable[int]]) -> None:
    anna, assistant = await an_owner(api)
    path = f"{assistant.path}/knowledge/{(await assistant.entry('Frage?'))['id']}"
    answers = iter(range(100))
    # Who asks; the role, the counter and its event, the assistant and the entry before and after, the history's two
    # rows, COMMIT.
    assert await round_trips(lambda: anna.http.patch(path, json={"answer": f"Um {next(answers)}."})) == 11


async def test_logging_in(api: ConfigApiServer, round_trips: Callable[[Ask], Awaitable[int]]) -> None:
    anna = await a_person(api)
    # Whose password it is; the role, the account, its browsers, the former session looked up and ended, the security
    # log, the new session, COMMIT.
    assert await round_trips(lambda: log_in(anna.http, anna.email, anna.password)) == 9


async def test_counting_a_log_in(
    postgres: Postgres, database: str, round_trips: Callable[[Ask], Awaitable[int]]
) -> None:
    names, at, now = (
        ("anna", "anna@hotel-seeblick.example"),
        {"action": "login", "address": "192.0.2.1"},
        datetime.now(UTC),
    )
    async with running_audit(postgres, database) as audit:
        locks = audit.service.locks

        async def log_in() -> None:
            await locks.admit(Attempt(user_name=names[0], **at), now)
            await locks.succeeded(Success(user_name=names[0], others=names, **at), now)

        # A look; the count before and after, COMMIT; a look, what was counted goes, both names are known, COMMIT.
        assert await round_trips(log_in) == 9


async def test_who_has_waited_longest_gets_the_next_connection(postgres: Postgres, database: str) -> None:
    two, asked, served = Database(postgres.url(database), connections=2), itertools.count(), list[int]()

    async def again_and_again(pause: int) -> None:
        for _ in range(5):
            ticket = next(asked)
            async with two.auth():
                served.append(ticket)
            for _ in range(pause):
                await asyncio.sleep(0)

    try:
        await asyncio.gather(*(again_and_again(number % 6) for number in range(20)))
    finally:
        await two.close()
    overtaken = [sum(later > ticket for later in served[:place]) for place, ticket in enumerate(served)]
    assert max(overtaken) <= 4


async def test_too_long_a_wait_is_said(api: ConfigApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE_SECONDS", 0.05)
    most, database = api.service.settings.database_connections, api.service.database
    held = [database.service() for _ in range(most)]
    for each in held:
        await each.__aenter__()
    try:
        is_problem(await api.http.get("/organisations"), 503, "database_busy")
    finally:
        for each in held:
            await each.__aexit__(None, None, None)
    assert (await api.http.get("/organisations")).status_code == 200


async def test_finding_out_who_asks_sees_nothing_that_an_organisation_owns(api: ConfigApiServer) -> None:
    async with api.service.database.asker() as connection:
        assert (await connection.execute(text("SELECT current_user"))).scalar_one() == "kinamik_auth"
        with pytest.raises(ProgrammingError, match="InsufficientPrivilege"):
            await connection.execute(text("SELECT * FROM config.knowledge_entry"))


async def test_a_deleted_organisation_is_gone_for_its_people_at_once(api: ConfigApiServer) -> None:
    anna, assistant = await an_owner(api)
    assert (await anna.http.get(f"{assistant.organisation}/assistants")).status_code == 200
    assert (await api.http.delete(assistant.organisation)).status_code == 204
    is_problem(await anna.http.get(f"{assistant.organisation}/assistants"), 404, "organisation_unknown")
    is_problem(await api.http.get(f"{assistant.organisation}/assistants"), 404, "organisation_unknown")


async def test_knowledge_of_no_assistant_is_not_an_empty_list(api: ConfigApiServer) -> None:
    anna, assistant = await an_owner(api)
    assert (await anna.http.get(f"{assistant.path}/knowledge")).json()["items"] == []
    for gone in (assistant.path, f"{assistant.organisation}/assistants/{assistant.organisation_id}"):
        await anna.http.delete(gone)
        is_problem(await anna.http.get(f"{gone}/knowledge"), 404, "assistant_unknown")


async def test_a_connection_that_lay_idle_is_tested_before_use(
    postgres: Postgres, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_database, "TRUSTED_SECONDS", 0.0)
    engine = create_engine(postgres.url(database))
    try:
        for _ in range(2):
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
            postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
    finally:
        await engine.dispose()
