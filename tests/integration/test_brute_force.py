"""A small attack, as the benchmark makes it: guesses end at the lock, people do not, and no answer tells anything."""

from collections.abc import AsyncGenerator

import httpx2
import pytest

from tests.benchmarks.brute_force import ALIKE, attack, move_in, others_logging_in, told
from tests.servers.audit import AuditServer, running_guarded_api
from tests.servers.config_api import ConfigApiServer
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.alone

ATTEMPTS = 200
PEOPLE = [f"person{n}" for n in range(15)]

Both = tuple[AuditServer, ConfigApiServer]


@pytest.fixture
async def both(postgres: Postgres, database: str) -> AsyncGenerator[Both]:
    # Longer than the test may take on a slow machine, so that no lock ends meanwhile.
    async with running_guarded_api(postgres, database, first_lock=600) as (audit, (api,)):
        await move_in(postgres.url(database), PEOPLE)
        yield audit, api


@pytest.fixture
async def http(both: Both) -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=f"{both[1].url}/api/v1", timeout=60) as http:
        yield http


async def test_from_one_address(both: Both, http: httpx2.AsyncClient) -> None:
    async with others_logging_in(http, PEOPLE):
        outcome = await attack(http, ATTEMPTS, lambda n: f"name{n % 50}", lambda _: "203.0.113.1")
    assert outcome.statuses == {401: 20, 429: ATTEMPTS - 20}
    assert len(await both[0].arrived(20, action="login", outcome="failed")) == 20


async def test_from_many_addresses(both: Both, http: httpx2.AsyncClient) -> None:
    async with others_logging_in(http, PEOPLE[1:]):
        outcome = await attack(http, ATTEMPTS, lambda _: PEOPLE[0], lambda n: f"10.0.0.{n % 100}")
    assert outcome.statuses == {401: 5, 429: ATTEMPTS - 5}
    assert len(await both[0].arrived(5, action="login", outcome="failed")) == 5


async def test_nothing_tells_who_is_known(http: httpx2.AsyncClient) -> None:
    same, ratio = await told(http, PEOPLE)
    assert same
    # Wider than the benchmark's: fewer samples, among other tests. A hash that is left out is a factor of four.
    assert 1 / (ALIKE + 0.25) < ratio < ALIKE + 0.25
