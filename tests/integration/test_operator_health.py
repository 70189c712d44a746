"""The operator sees which services answer, and nobody else does."""

from collections.abc import AsyncGenerator

import pytest
from starlette.applications import Starlette

from shared.ops import routes
from tests.problems import is_problem
from tests.servers.config_api import running_config_api
from tests.servers.person import a_person
from tests.servers.postgres import Postgres
from tests.servers.web import serving


@pytest.fixture
async def ingest() -> AsyncGenerator[str]:
    async def well() -> bool:
        return True

    async def broken() -> bool:
        raise OSError

    async with serving(Starlette(routes=routes({"database": well, "bus": broken}))) as url:
        yield url


async def test_every_service_is_there_with_what_it_says_of_itself(
    postgres: Postgres, database: str, ingest: str
) -> None:
    nobody = "http://127.0.0.1:1"
    async with running_config_api(postgres, database, ingest_url=ingest, writer_url=nobody) as api:
        answer = await api.http.get("/operator/health")
    told = {each["name"]: (each["reachable"], each["checks"]) for each in answer.json()}
    assert told["ingest"] == (True, {"database": True, "bus": False})
    assert told["writer"] == (False, {})
    assert set(told) == {"ingest", "drafter", "writer", "audit"}


async def test_who_is_no_operator_is_told_nothing(postgres: Postgres, database: str) -> None:
    async with running_config_api(postgres, database) as api:
        anna = await a_person(api)
        is_problem(await anna.http.get("/operator/health"), 403, "operators_only")
