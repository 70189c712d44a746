"""Accounts of people: what belongs to them, how it changes, and how it goes."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from config_api.accounts.upkeep import clean
from config_api.members.service import remove
from config_api.models import now
from config_api.principal import Principal
from tests.problems import is_problem_at
from tests.servers.config_api import ConfigApiServer
from tests.servers.person import (
    A_PASSWORD,
    ANOTHER_PASSWORD,
    Person,
    a_browser,
    a_person,
    keep_notices,
    log_in,
    notices,
    registration,
    sql,
    the_notice,
    token_in,
    until_waiting,
)


@pytest.fixture
async def api(api: ConfigApiServer) -> ConfigApiServer:
    await keep_notices(api)
    return api


async def test_the_profile_changes(anna: Person) -> None:
    before = (await anna.http.get("/account")).json()
    response = await anna.http.patch("/account", json={"first_name": " Anne ", "user_name": "anne", "language": "en"})
    expected = before | {"first_name": "Anne", "user_name": "anne", "language": "en"}
    assert (response.status_code, response.json()) == (200, expected)
    assert (await anna.http.patch("/account", json={"newsletter": True})).json()["newsletter"] is True
    assert (await anna.http.patch("/account", json={"newsletter": False})).json()["newsletter"] is False
    is_problem_at(await anna.http.patch("/account", json={"language": None}), 422, "not_valid", "body.language")
    assert (await log_in(anna.http, "anne", A_PASSWORD)).status_code == 200


async def test_a_new_password_ends_the_other_sessions(api: ConfigApiServer, anna: Person) -> None:
    elsewhere = await anna.another_browser()
    wrong = {"password": "falsch", "new_password": ANOTHER_PASSWORD}
    is_problem_at(await anna.http.put("/account/password", json=wrong), 403, "password_not_valid", "body.password")
    weak = {"password": A_PASSWORD, "new_password": "Passwort1234"}
    is_problem_at(await anna.http.put("/account/password", json=weak), 422, "password_too_common", "body.new_password")
    assert (await elsewhere.get("/account")).status_code == 200
    body = {"password": A_PASSWORD, "new_password": ANOTHER_PASSWORD}
    assert (await anna.http.put("/account/password", json=body)).status_code == 204
    assert (await anna.http.get("/account")).status_code == 200
    is_problem_at(await elsewhere.get("/account"), 401, "login_required")
    is_problem_at(await log_in(elsewhere, "anna", A_PASSWORD), 401, "credentials_not_valid")
    assert (await log_in(elsewhere, "anna", ANOTHER_PASSWORD)).status_code == 200
    assert await count_notices(api, "anna", "password_changed") == 1


async def test_a_forgotten_password_is_set_anew_and_ends_every_session(api: ConfigApiServer, anna: Person) -> None:
    http = a_browser(api)
    await http.post("/auth/password-reset", json={"email": anna.email.upper()})
    token = token_in(await the_notice(api, anna.email, "reset_password"))
    body = {"token": token, "password": "die Anna vom Bodensee"}
    is_problem_at(
        await http.post("/auth/password-reset/confirm", json=body), 422, "password_too_guessable", "body.password"
    )
    body = {"token": token, "password": ANOTHER_PASSWORD}
    assert (await http.post("/auth/password-reset/confirm", json=body)).status_code == 204
    is_problem_at(await anna.http.get("/account"), 401, "login_required")
    is_problem_at(await http.post("/auth/password-reset/confirm", json=body), 422, "link_not_valid")
    assert (await log_in(http, "anna", ANOTHER_PASSWORD)).status_code == 200
    assert await count_notices(api, "anna", "password_changed") == 1


async def test_a_new_address_counts_once_it_is_confirmed(api: ConfigApiServer, anna: Person) -> None:
    new = "anna@gasthof-adler.example"
    wrong = {"email": new, "password": "falsch"}
    is_problem_at(await anna.http.post("/account/email", json=wrong), 403, "password_not_valid", "body.password")
    assert (await anna.http.post("/account/email", json={"email": new, "password": A_PASSWORD})).status_code == 202
    assert (await anna.http.get("/account")).json()["email"] == anna.email
    token = token_in(await the_notice(api, new, "confirm_email"))
    assert (await a_browser(api).post("/auth/confirm", json={"token": token})).status_code == 204
    assert (await anna.http.get("/account")).json()["email"] == new
    is_problem_at(await log_in(anna.http, anna.email, A_PASSWORD), 401, "credentials_not_valid")
    assert (await log_in(anna.http, new, A_PASSWORD)).status_code == 200
    assert await count_notices(api, "anna", "email_changed") == 1


async def test_two_who_want_the_same_address_and_the_first_gets_it(api: ConfigApiServer, anna: Person) -> None:
    berta, new = await a_person(api, "berta"), "neu@hotel-seeblick.example"
    for person in (anna, berta):
        await person.http.post("/account/email", json={"email": new, "password": A_PASSWORD})
    first, second = (token_in(notice) for notice in await notices(api, new, "confirm_email"))
    assert (await anna.http.post("/auth/confirm", json={"token": second})).status_code == 204
    is_problem_at(await anna.http.post("/auth/confirm", json={"token": first}), 409, "email_taken", "body.email")
    assert (await berta.http.get("/account")).json()["email"] == new


async def test_somebody_deletes_the_own_account(api: ConfigApiServer, anna: Person) -> None:
    elsewhere = await anna.another_browser()
    wrong = await anna.http.request("DELETE", "/account", json={"password": "falsch"})
    is_problem_at(wrong, 403, "password_not_valid", "body.password")
    assert (await anna.http.request("DELETE", "/account", json={"password": A_PASSWORD})).status_code == 204
    for http in (anna.http, elsewhere):
        is_problem_at(await http.get("/account"), 401, "login_required")
    is_problem_at(await log_in(elsewhere, "anna", A_PASSWORD), 401, "credentials_not_valid")
    for table in ("account", "login_session", "ticket", "recovery_code", "membership"):
        assert await sql(api, f"SELECT 1 FROM config.{table}") == []
    assert await count_notices(api, "anna", "account_deleted") == 1
    assert (await a_person(api)).account_id != anna.account_id


async def test_the_last_owner_hands_over_or_deletes_first(api: ConfigApiServer, anna: Person) -> None:
    berta = await a_person(api, "berta")
    alone, shared = [await created(anna, name) for name in ("Hotel Seeblick", "Gasthof Adler")]
    add = "INSERT INTO config.membership VALUES (:organisation, :account, 'member', now())"
    await sql(api, add, organisation=shared, account=berta.account_id)

    async def refused_for() -> set[str]:
        response = await anna.http.request("DELETE", "/account", json={"password": A_PASSWORD})
        if response.status_code == 204:
            return set()
        assert (response.status_code, response.json()["reason"]) == (409, "last_owner")
        return {error["field"] for error in response.json()["errors"]}

    assert await refused_for() == {f"organisations.{alone}", f"organisations.{shared}"}
    await sql(api, "UPDATE config.membership SET role = 'owner' WHERE organisation_id = :id", id=shared)
    assert await refused_for() == {f"organisations.{alone}"}
    assert (await anna.http.get("/account")).status_code == 200, "nothing is half done"
    assert (await anna.http.delete(f"/organisations/{alone}")).status_code == 202
    assert await refused_for() == set()
    assert (await berta.http.get(f"/organisations/{shared}")).status_code == 200


async def test_an_owner_cannot_go_while_the_other_one_leaves(api: ConfigApiServer, anna: Person) -> None:
    berta = await a_person(api, "berta")
    shared = await created(anna, "Hotel Seeblick")
    add = "INSERT INTO config.membership VALUES (:organisation, :account, 'owner', now())"
    await sql(api, add, organisation=shared, account=berta.account_id)
    async with api.service.database.tenant(UUID(shared)) as session:
        await remove(session, UUID(shared), UUID(berta.account_id), Principal("", UUID(berta.account_id)))
        answer = asyncio.create_task(anna.http.request("DELETE", "/account", json={"password": A_PASSWORD}))
        await until_waiting(api, 1)
    assert (await answer).status_code == 409


async def test_what_is_over_goes_by_itself(api: ConfigApiServer, anna: Person) -> None:
    await a_browser(api).post("/auth/register", json=registration("berta"))
    await a_browser(api).post("/auth/register", json=registration("carla", email=anna.email))
    day, hour = timedelta(days=1), timedelta(hours=1)
    await sql(api, "UPDATE config.login_session SET expires_at = now() + interval '90 days'")
    assert await clean(api.service.database, now() + 7 * day - hour) == 0
    assert await sql(api, "SELECT count(*) FROM config.ticket") == [(0,)], "links last for three days"
    assert (await anna.http.get("/account")).status_code == 200
    assert await clean(api.service.database, now() + 7 * day) == 2
    assert (await anna.http.get("/account")).status_code == 200
    await clean(api.service.database, now() + 14 * day)
    assert await sql(api, "SELECT count(*) FROM config.login_session") == [(0,)], "not used for 14 days"
    assert (await log_in(anna.http, "anna", A_PASSWORD)).status_code == 200
    await clean(api.service.database, now() + 10 * day)
    assert await sql(api, "SELECT count(*) FROM config.login_session") == [(1,)]


async def test_one_person_sees_nothing_of_another(api: ConfigApiServer, anna: Person) -> None:
    """By the database itself: the role of a person has the own rows only."""
    berta = await a_person(api, "berta")
    async with api.service.database.account(anna.account_id) as session:  # pyright: ignore[reportArgumentType]
        connection = await session.connection()
        for table, column in (("account", "id"), ("login_session", "account_id")):
            rows = (await connection.execute(text(f"SELECT {column} FROM config.{table}"))).scalars().all()
            assert {str(row) for row in rows} == {anna.account_id}
        gone = await connection.execute(
            text("DELETE FROM config.login_session WHERE account_id = :id"), {"id": berta.account_id}
        )
        assert gone.rowcount == 0


async def test_keys_and_tokens_have_no_account(api: ConfigApiServer) -> None:
    for method, path in (("GET", "/account"), ("GET", "/account/sessions"), ("DELETE", "/account/sessions")):
        is_problem_at(await api.http.request(method, path), 403, "people_only")
        is_problem_at(await a_browser(api).request(method, path), 401, "login_required")


async def created(person: Person, name: str) -> str:
    response = await person.http.post("/organisations", json={"name": name})
    assert response.status_code == 201, response.text
    return response.json()["id"]


async def count_notices(api: ConfigApiServer, name: str, kind: Any) -> int:
    return len(await notices(api, f"{name}@hotel-seeblick.example", kind))
