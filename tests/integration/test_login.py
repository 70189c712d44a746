"""Logging in: the cookie, and sessions that end at once."""

import asyncio
from typing import Any

import pytest

from shared.events import AuditRecorded
from tests.problems import is_problem
from tests.servers.config_api import ConfigApiServer, running_config_api
from tests.servers.person import (
    A_PASSWORD,
    UNLIMITED,
    Person,
    a_browser,
    a_person,
    keep_notices,
    notices,
    registration,
    sql,
    the_notice,
    token_in,
)
from tests.servers.postgres import Postgres


@pytest.fixture
def api_settings() -> dict[str, Any]:
    return UNLIMITED


def credentials(login: str = "anna", password: str = A_PASSWORD) -> dict[str, str]:
    return {"login": login, "password": password}


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(postgres: Postgres, database: str) -> None:
    for public_url, secure in (
        ("http://127.0.0.1:8080", False),
        ("http://localhost", False),
        ("https://kinamik.example", True),
        ("http://kinamik.example", True),
        ("https://127.0.0.1", True),
    ):
        async with running_config_api(postgres, database, public_url=public_url) as api:
            http = a_browser(api)
            if not await sql(api, "SELECT 1 FROM config.account"):
                await a_person(api)
            cookie = (await http.post("/auth/login", json=credentials())).headers["set-cookie"]
            name, *attributes = cookie.split("; ")
            assert name.startswith("__Host-authData=" if secure else "authData=")
            expected = {"httponly", "samesite=lax", "path=/", "max-age=2592000"} | ({"secure"} if secure else set())
            assert {attribute.lower() for attribute in attributes} == expected


async def test_by_https_no_other_name_is_the_cookies(postgres: Postgres, database: str) -> None:
    async with running_config_api(postgres, database, public_url="https://kinamik.example") as api:
        http = a_browser(api)
        await keep_notices(api)
        assert (await http.post("/auth/register", json=registration("anna"))).status_code == 202
        link = await the_notice(api, "anna@hotel-seeblick.example", "confirm_registration")
        assert (await http.post("/auth/confirm", json={"token": token_in(link)})).status_code == 204
        cookie = (await http.post("/auth/login", json=credentials())).headers["set-cookie"]
        token = cookie.partition("=")[2].partition(";")[0]
        hers, set_by_others = ({"Cookie": f"{name}={token}"} for name in ("__Host-authData", "authData"))
        is_problem(await http.get("/account", headers=set_by_others), 401, "login_required")
        made = {"json": {"name": "Seeblick"}, "headers": {**hers, "Idempotency-Key": "1"}}
        assert (await http.post("/organisations", **made)).status_code == 201
        assert (await http.post("/auth/logout", headers=set_by_others)).status_code == 204
        assert (await http.get("/account", headers=hers)).status_code == 200
        gone = (await http.post("/auth/logout", headers=hers)).headers["set-cookie"]
        assert gone.startswith("__Host-authData=")
        assert {"Max-Age=0", "Secure"} <= set(gone.split("; "))
        is_problem(await http.get("/account", headers=hers), 401, "login_required")
        document = (await http.get(f"{api.url}/openapi.json")).json()
        assert document["components"]["securitySchemes"]["SessionCookie"]["name"] == "__Host-authData"


async def test_logging_out_ends_the_session_on_the_server(api: ConfigApiServer, anna: Person) -> None:
    stolen = a_browser(api)
    stolen.cookies.set("authData", anna.http.cookies["authData"])
    assert (await stolen.get("/account")).status_code == 200
    response = await anna.http.post("/auth/logout")
    assert response.status_code == 204
    assert "Max-Age=0" in response.headers["set-cookie"]
    assert "cookies" in response.headers["clear-site-data"]
    is_problem(await stolen.get("/account"), 401, "login_required")
    assert (await a_browser(api).post("/auth/logout")).status_code == 204


async def test_every_login_has_a_session_of_its_own_and_ends_the_one_before(api: ConfigApiServer, anna: Person) -> None:
    before = a_browser(api)
    before.cookies.set("authData", anna.http.cookies["authData"])
    assert (await anna.http.post("/auth/login", json=credentials())).status_code == 200
    assert anna.http.cookies["authData"] != before.cookies["authData"]
    assert (await anna.http.get("/account")).status_code == 200
    is_problem(await before.get("/account"), 401, "login_required")


async def test_a_cookie_that_was_set_for_somebody_is_no_session(api: ConfigApiServer, anna: Person) -> None:
    http = a_browser(api)
    http.cookies.set("authData", "vorher-untergeschoben")
    is_problem(await http.get("/account"), 401, "login_required")
    assert (await http.post("/auth/login", json=credentials())).status_code == 200
    assert "vorher-untergeschoben" not in {cookie.value for cookie in http.cookies.jar if cookie.domain != ""}


async def test_sessions_are_listed_and_each_ends_at_once(api: ConfigApiServer, anna: Person) -> None:
    phone, office = await anna.another_browser("phone"), await anna.another_browser("office")
    rows = (await anna.http.get("/account/sessions")).json()
    assert [row["user_agent"] for row in rows] == ["office", "phone", "a browser"]
    assert [row["current"] for row in rows] == [False, False, True]
    assert "token" not in str(rows)
    assert (await anna.http.delete(f"/account/sessions/{rows[1]['id']}")).status_code == 204
    is_problem(await phone.get("/account"), 401, "login_required")
    is_problem(await anna.http.delete(f"/account/sessions/{rows[1]['id']}"), 404, "session_unknown")
    assert (await office.get("/account")).status_code == 200
    assert (await anna.http.delete("/account/sessions")).status_code == 204
    is_problem(await office.get("/account"), 401, "login_required")
    assert [row["current"] for row in (await anna.http.get("/account/sessions")).json()] == [True]


async def test_nobody_ends_the_session_of_another(api: ConfigApiServer, anna: Person) -> None:
    berta = await a_person(api, "berta")
    (hers,) = (await berta.http.get("/account/sessions")).json()
    is_problem(await anna.http.delete(f"/account/sessions/{hers['id']}"), 404, "session_unknown")
    assert (await berta.http.get("/account")).status_code == 200


async def test_there_are_twenty_sessions_at_most_and_the_oldest_goes(api: ConfigApiServer, anna: Person) -> None:
    browsers = [await anna.another_browser(f"browser {n}") for n in range(19)]
    assert (await anna.http.get("/account")).status_code == 200
    await anna.another_browser("one too many")
    is_problem(await anna.http.get("/account"), 401, "login_required")
    assert (await browsers[0].get("/account")).status_code == 200
    assert len((await browsers[0].get("/account/sessions")).json()) == 20


@pytest.mark.parametrize(
    "elapsed", ["expires_at = now()", "last_used_at = now() - interval '14 days 1 second'"], ids=["old", "idle"]
)
async def test_a_session_is_over_after_its_time(api: ConfigApiServer, anna: Person, elapsed: str) -> None:
    days = await sql(api, "SELECT extract(day FROM expires_at - created_at) FROM config.login_session")
    assert days == [(29,)] or days == [(30,)]
    await sql(api, "UPDATE config.login_session SET last_used_at = now() - interval '13 days 23 hours'")
    assert (await anna.http.get("/account")).status_code == 200
    await sql(api, f"UPDATE config.login_session SET {elapsed}")
    is_problem(await anna.http.get("/account"), 401, "login_required")


async def test_a_browser_that_is_new_is_told_to_the_owner(api: ConfigApiServer, anna: Person) -> None:
    async def told() -> int:
        return len(await notices(api, anna.email, "new_login"))

    assert await told() == 1, "the first one"
    await anna.another_browser("a browser")
    assert await told() == 1
    await anna.another_browser("somebody else's")
    assert await told() == 2


async def test_another_sites_page_can_do_nothing_with_the_cookie(api: ConfigApiServer, anna: Person) -> None:
    own = api.url
    for origin in ("https://evil.example", "null", own.replace("127.0.0.1", "localhost"), own + "0"):
        headers = {"Origin": origin}
        changes = [
            await anna.http.patch("/account", json={"first_name": "Eva"}, headers=headers),
            await anna.http.delete("/account/sessions", headers=headers),
            await anna.http.post("/auth/logout", headers=headers),
            await anna.http.post("/auth/login", json=credentials(), headers=headers),
            await anna.http.post("/organisations", json={"name": "x"}, headers=headers),
        ]
        for answer in changes:
            is_problem(answer, 403, "origin_not_allowed")
        assert (await anna.http.get("/account", headers=headers)).status_code == 200
    changed = await anna.http.patch("/account", json={"first_name": "Eva"}, headers={"Origin": own})
    assert (changed.status_code, changed.json()["first_name"]) == (200, "Eva")


async def test_a_login_needs_json(api: ConfigApiServer, anna: Person) -> None:
    """A form on another site's page can send neither JSON nor what counts as it."""
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        response = await a_browser(api).post(
            "/auth/login", content=f'{{"login": "anna", "password": "{A_PASSWORD}"}}', headers={"Content-Type": kind}
        )
        assert response.status_code == 422


async def test_the_locked_and_the_unconfirmed_are_told_so_when_they_know_the_password(
    api: ConfigApiServer, anna: Person
) -> None:
    http = a_browser(api)
    await http.post("/auth/register", json=registration("berta"))
    is_problem(await http.post("/auth/login", json=credentials("berta")), 403, "not_confirmed")
    await sql(api, "UPDATE config.account SET active = false WHERE user_name = 'anna'")
    is_problem(await http.post("/auth/login", json=credentials()), 403, "account_locked")
    is_problem(await anna.http.get("/account"), 401, "login_required")


async def test_each_attempt_is_in_the_security_log(api: ConfigApiServer, anna: Person) -> None:
    http = a_browser(api)
    await http.post("/auth/login", json=credentials("ANNA", "falsch"))
    await http.post("/auth/login", json=credentials("niemand", "falsch"))
    await http.post("/auth/login", json=credentials())
    await http.post("/auth/logout")
    await http.post("/auth/password-reset", json={"email": "niemand@hotel.example"})
    await http.post("/auth/register", json=registration("anna"))
    seen: list[tuple[str, str, str, str]] = []
    while len(seen) < 9:
        event = await asyncio.wait_for(api.published.get(), 10)
        assert isinstance(event, AuditRecorded)
        assert event.address == "127.0.0.1"
        seen.append((event.action, event.outcome, event.user_name, event.actor))
    who = anna.account_id
    assert sorted(seen) == sorted(
        [
            ("register", "ok", "", who),
            ("account.confirmed", "ok", "", who),
            ("login", "ok", anna.email, who),
            ("login", "failed", "anna", who),
            ("login", "failed", "niemand", ""),
            ("login", "ok", "anna", who),
            ("logout", "ok", "", who),
            ("password_reset", "asked", "", ""),
            ("register", "failed", "", ""),
        ]
    )


async def test_too_many_wrong_passwords_lock_the_name_also_for_who_is_logged_in(
    postgres: Postgres, database: str
) -> None:
    async with running_config_api(postgres, database) as api:
        anna = await a_person(api)
        body = {"password": "falsch", "new_password": "sieben Kraniche im Moor"}
        answers = [await anna.http.put("/account/password", json=body) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [403] * 5 + [429]
        response = await anna.http.post("/auth/login", json=credentials())
        is_problem(response, 429, "too_many_attempts")
        assert int(response.headers["retry-after"]) > 0
