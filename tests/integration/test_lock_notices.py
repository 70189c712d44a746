"""Whose log-in is locked by failures is told by mail, once a day; nobody else learns whether there is anybody."""

from collections.abc import AsyncGenerator

import httpx2
import pytest

from tests.servers.audit import running_guarded_api
from tests.servers.config_api import NOBODY, ConfigApiServer, running_config_api
from tests.servers.person import (
    A_PASSWORD,
    a_browser,
    a_person,
    keep_notices,
    notices,
    registration,
    sql,
    until_looked_up,
)
from tests.servers.postgres import Postgres

HERE, THERE, ELSEWHERE = "127.0.0.1", "192.0.2.1", "192.0.2.2"
ADDRESS = "anna@hotel-seeblick.example"
A_DAY_LATER = "UPDATE config.account SET lock_told_at = lock_told_at - interval '1 day'"


@pytest.fixture
async def api(postgres: Postgres, database: str) -> AsyncGenerator[ConfigApiServer]:
    async with running_guarded_api(postgres, database) as (_, (server,)):
        yield server


async def tries(
    api: ConfigApiServer, login: str, count: int, *, address: str = THERE, password: str = "geraten"
) -> list[httpx2.Response]:
    body = {"login": login, "password": password}
    async with a_browser(api) as http:
        return [await http.post("/auth/login", json=body, headers={"X-Forwarded-For": address}) for _ in range(count)]


def statuses(answers: list[httpx2.Response]) -> list[int]:
    return [answer.status_code for answer in answers]


async def told(api: ConfigApiServer) -> list[str]:
    """The mails to her, by their language, once everything that was to be looked up has been."""
    await until_looked_up(api)
    return [notice.language for notice in await notices(api, ADDRESS, "account_locked")]


async def test_with_the_lock_and_not_before_and_once_a_day(api: ConfigApiServer) -> None:
    await a_person(api, language="en")
    assert statuses(await tries(api, "anna", 4)) == [401] * 4
    assert await told(api) == []
    assert statuses(await tries(api, "ANNA", 3)) == [401, 429, 429]
    assert await told(api) == ["en"]
    assert statuses(await tries(api, ADDRESS, 5)) == [401] * 5
    assert await told(api) == ["en"], "by her address it is another lock, on the same day"
    await sql(api, A_DAY_LATER)
    assert statuses(await tries(api, "anna", 5, address=HERE)) == [401] * 5
    assert await told(api) == ["en"] * 2, "locked where she has logged in before"


async def test_nobody_else_learns_anything(api: ConfigApiServer) -> None:
    await keep_notices(api)
    assert (await a_browser(api).post("/auth/register", json=registration("anna"))).status_code == 202
    known, unknown = await tries(api, "anna", 6), await tries(api, "niemand", 6, address=ELSEWHERE)
    assert [(each.status_code, each.json()["reason"], set(each.headers)) for each in known] == [
        (each.status_code, each.json()["reason"], set(each.headers)) for each in unknown
    ]
    assert await told(api) == [], "who has not confirmed the address is not mailed to"
    await sql(api, "UPDATE config.account SET confirmed_at = now(), active = false")
    await tries(api, ADDRESS, 5, address=ELSEWHERE)
    assert await told(api) == [], "nor who is out"


async def test_a_right_password_at_last_is_no_lock_and_guessing_from_within_is(api: ConfigApiServer) -> None:
    anna = await a_person(api)
    await tries(api, "anna", 4)
    assert statuses(await tries(api, "anna", 1, password=A_PASSWORD)) == [200]
    assert await told(api) == []
    stolen = {"password": "geraten", "new_password": "zwölf Störche auf dem Kirchdach"}
    answers = [await anna.http.put("/account/password", json=stolen) for _ in range(6)]
    assert statuses(answers) == [403] * 5 + [429]
    assert await told(api) == ["de"]


async def test_also_while_audit_is_away(postgres: Postgres, database: str) -> None:
    async with running_config_api(postgres, database, audit_url=NOBODY) as api:
        await a_person(api)
        assert statuses(await tries(api, "anna", 6)) == [401] * 5 + [429]
        assert await told(api) == ["de"]
