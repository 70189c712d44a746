"""Nothing to learn for whoever only tries: neither from answers nor from the time they take."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from tests.problems import is_problem_at
from tests.servers.config_api import ConfigApiServer
from tests.servers.person import (
    A_PASSWORD,
    UNLIMITED,
    Person,
    a_browser,
    a_person,
    log_in,
    notices,
    registration,
    sql,
)

SAMPLES = 60


# Of the means; what differs is noise, a hash that is left out would be a factor of four.
TOLERANCE = 1.35


@pytest.fixture
def api_settings() -> dict[str, Any]:
    return UNLIMITED


def credentials(login: str = "anna", password: str = A_PASSWORD) -> dict[str, str]:
    return {"login": login, "password": password}


async def test_whether_an_address_is_known_is_told_to_the_address_alone(api: ConfigApiServer, anna: Person) -> None:
    """The same answers step by step, for an address that has an account and for one that has none."""

    async def seen(email: str, user_name: str) -> list[tuple[int, str]]:
        http = a_browser(api)
        entered = registration(user_name, email=email)
        answers = [
            await http.post("/auth/register", json=entered),
            await http.post("/auth/register", json=entered),
            await http.post("/auth/register", json=entered | {"user_name": user_name + "2"}),
            await log_in(http, user_name, A_PASSWORD),
            await log_in(http, user_name, "something else"),
            await log_in(http, user_name + "2", A_PASSWORD),
            await http.post("/auth/resend", json={"email": email}),
            await http.post("/auth/password-reset", json={"email": email}),
        ]
        return [(answer.status_code, answer.text) for answer in answers]

    known, unknown = await seen(anna.email.upper(), "carla"), await seen("dora@hotel-seeblick.example", "dora")
    assert known == unknown
    assert [status for status, _ in known] == [202, 409, 202, 403, 401, 403, 202, 202]
    assert await count_notices(api, "anna", "already_registered") == 2
    assert (await log_in(anna.http, "anna", A_PASSWORD)).status_code == 200


async def test_the_new_address_of_somebody_else_is_told_there_only(api: ConfigApiServer, anna: Person) -> None:
    berta = await a_person(api, "berta")
    answers = [
        await berta.http.post("/account/email", json={"email": email, "password": A_PASSWORD})
        for email in (anna.email, "frei@hotel-seeblick.example")
    ]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert await count_notices(api, "anna", "already_registered") == 1
    assert await count_notices(api, "anna", "confirm_email") == 0


async def test_every_wrong_login_has_the_same_answer(api: ConfigApiServer, anna: Person) -> None:
    http = a_browser(api)
    await http.post("/auth/register", json=registration("berta"))
    await sql(api, "UPDATE config.account SET active = false WHERE user_name = 'berta'")
    wrong = [
        ("anna", "falsch"),
        (anna.email, ""),
        ("berta", "falsch"),
        ("niemand", "falsch"),
        ("x@y.example", "a" * 256),
    ]
    answers = [await http.post("/auth/login", json=credentials(*each)) for each in wrong]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert len({frozenset(set(answer.headers) - {"date"}) for answer in answers}) == 1
    is_problem_at(answers[0], 401, "credentials_not_valid")
    assert "set-cookie" not in answers[0].headers


Ask = Callable[[str], Awaitable[httpx2.Response]]


async def mean_times(ask: Ask, known: Callable[[int], str], unknown: Callable[[int], str]) -> tuple[float, float]:
    """Seconds for each, taken in turns, so that the machine's moods meet both. The slowest tenth is left out."""
    times: tuple[list[float], list[float]] = ([], [])
    for n in range(SAMPLES):
        for kind, name in ((0, known(n)), (1, unknown(n))) if n % 2 else ((1, unknown(n)), (0, known(n))):
            began = time.perf_counter()
            await ask(name)
            times[kind].append(time.perf_counter() - began)
    first, second = (statistics.mean(sorted(each)[: SAMPLES * 9 // 10]) for each in times)
    return first, second


@pytest.mark.alone
async def test_the_time_it_takes_tells_nothing(api: ConfigApiServer, anna: Person) -> None:
    http = a_browser(api)

    async def log_in(login: str) -> httpx2.Response:
        return await http.post("/auth/login", json=credentials(login, "falsch"))

    async def reset(email: str) -> httpx2.Response:
        return await http.post("/auth/password-reset", json={"email": email})

    async def resend(email: str) -> httpx2.Response:
        return await http.post("/auth/resend", json={"email": email})

    async def register(email: str) -> httpx2.Response:
        names[0] += 1
        entered = registration(f"name{names[0]}", email=email, password=A_PASSWORD)
        return await http.post("/auth/register", json=entered)

    names = [0]
    await log_in("niemand")
    for ask in (log_in, reset, resend, register):
        known, unknown = await mean_times(ask, lambda _: anna.email, lambda n: f"unknown{n}@hotel.example")
        assert 1 / TOLERANCE < known / unknown < TOLERANCE, f"{ask.__name__}: {known:.4f} s and {unknown:.4f} s"


@pytest.mark.alone
async def test_hashing_does_not_hold_up_everybody_else(api: ConfigApiServer, anna: Person) -> None:
    """Fifty log-ins at once: two are hashed at a time, and neither the loop nor the database waits for them."""
    http = a_browser(api)
    attempts = [asyncio.create_task(http.post("/auth/login", json=credentials("anna", "falsch"))) for _ in range(50)]
    began, waited = time.perf_counter(), list[float]()
    await asyncio.sleep(0.05)
    while not all(attempt.done() for attempt in attempts):
        asked = time.perf_counter()
        assert (await anna.http.get("/account")).status_code == 200
        waited.append(time.perf_counter() - asked)
    assert {attempt.result().status_code for attempt in attempts} == {401}
    assert len(waited) >= 5
    assert statistics.median(waited) < (time.perf_counter() - began) / 5


async def count_notices(api: ConfigApiServer, name: str, kind: Any) -> int:
    return len(await notices(api, f"{name}@hotel-seeblick.example", kind))
