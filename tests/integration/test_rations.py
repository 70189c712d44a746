"""So many connection tests and discoveries an hour: for an organisation, and for a person, in every replica."""

from collections.abc import AsyncGenerator

import httpx2
import pytest

from tests.problems import is_problem
from tests.servers.audit import running_guarded_api
from tests.servers.config_api import NOBODY, ConfigApiServer, running_config_api
from tests.servers.mail_server import HOST, free_ports
from tests.servers.person import Person, a_person
from tests.servers.postgres import Postgres

LIMITS = {"connection_tests_per_hour": 3, "discoveries_per_hour": 2}


@pytest.fixture
async def apis(postgres: Postgres, database: str) -> AsyncGenerator[list[ConfigApiServer]]:
    async with running_guarded_api(postgres, database, replicas=2, **LIMITS) as (_, both):
        yield both


async def an_organisation(person: Person, name: str) -> str:
    response = await person.http.post("/organisations", json={"name": name})
    assert response.status_code == 201, response.text
    return f"/organisations/{response.json()['id']}/mailboxes"


async def a_connection_test(http: httpx2.AsyncClient, path: str) -> httpx2.Response:
    """Where nobody listens, which is as good as anywhere."""
    imap = {"host": HOST, "port": free_ports(1)[0], "security": "none", "username": "info", "password": "geheim"}
    return await http.post(f"{path}/test", json={"imap": imap})


async def discovered(http: httpx2.AsyncClient, path: str) -> httpx2.Response:
    return await http.post(f"{path}/discover", json={"address": "info@gmx.de"})


async def test_an_organisation_has_so_many_in_all_replicas_together(apis: list[ConfigApiServer]) -> None:
    anna = await a_person(apis[0])
    path = await an_organisation(anna, "Seeblick")
    operators = [api.http for api in apis]
    assert [(await a_connection_test(operators[n % 2], path)).status_code for n in range(3)] == [200] * 3
    for http in (*operators, anna.http):
        refused = await a_connection_test(http, path)
        is_problem(refused, 429, "too_many_attempts")
        assert 3500 < int(refused.headers["retry-after"]) <= 3600
    assert (await discovered(anna.http, path)).status_code == 200, "which is counted by itself"
    assert (await discovered(operators[1], path)).status_code == 200
    is_problem(await discovered(operators[0], path), 429, "too_many_attempts")
    elsewhere = await an_organisation(anna, "Bergblick")
    assert (await a_connection_test(operators[0], elsewhere)).status_code == 200


async def test_a_person_has_so_many_in_all_organisations_together(apis: list[ConfigApiServer]) -> None:
    anna = await a_person(apis[0])
    paths = [await an_organisation(anna, f"Haus {n}") for n in range(4)]
    assert [(await a_connection_test(anna.http, path)).status_code for path in paths] == [200] * 3 + [429]
    assert (await a_connection_test(apis[0].http, paths[3])).status_code == 200, (
        "nothing was taken from the organisation"
    )


async def test_what_is_refused_for_another_reason_costs_nothing(apis: list[ConfigApiServer]) -> None:
    anna = await a_person(apis[0])
    path = await an_organisation(anna, "Seeblick")
    stranger = await a_person(apis[0], "berta")
    for _ in range(4):
        assert (await anna.http.post(f"{path}/discover", json={"address": "keine Adresse"})).status_code == 422
        assert (await discovered(stranger.http, path)).status_code == 404
    assert (await discovered(anna.http, path)).status_code == 200


async def test_while_audit_is_away_each_replica_counts(postgres: Postgres, database: str) -> None:
    async with running_config_api(postgres, database, audit_url=NOBODY, **LIMITS) as api:
        path = await an_organisation(await a_person(api), "Seeblick")
        assert [(await discovered(api.http, path)).status_code for _ in range(3)] == [200, 200, 429]
