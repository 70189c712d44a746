"""Registering: what is good enough, and how an address is proven."""

import asyncio
from typing import Any

import psycopg
import pytest

from tests.problems import is_problem_at
from tests.servers.config_api import ConfigApiServer
from tests.servers.owner import eventually
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
from tests.servers.postgres import Postgres


@pytest.fixture
async def api(api: ConfigApiServer) -> ConfigApiServer:
    await keep_notices(api)
    return api


async def test_a_person_registers_confirms_and_logs_in(api: ConfigApiServer) -> None:
    http = a_browser(api)
    entered = registration("anna", first_name="Anna", last_name="Ahlers", language="en", newsletter=True)
    response = await http.post("/auth/register", json=entered)
    assert (response.status_code, response.json()) == (202, {"status": "accepted"})
    is_problem_at(await log_in(http, "anna", A_PASSWORD), 403, "not_confirmed")
    notice = await the_notice(api, entered["email"], "confirm_registration")
    assert (notice.language, notice.link.partition("#")[0]) == ("en", "/confirm")
    confirmed = await http.post("/auth/confirm", json={"token": token_in(notice)})
    assert confirmed.status_code == 204
    for login in ("anna", "ANNA", "Anna@Hotel-Seeblick.Example"):
        profile = (await log_in(http, login, A_PASSWORD)).json()
        assert (profile["user_name"], profile["first_name"], profile["language"]) == ("anna", "Anna", "en")
    assert (profile["terms_version"], profile["newsletter"], profile["second_factor"]) == ("2026-11", True, False)
    assert (await http.get("/account")).json() == profile
    assert not {"password_hash", "totp_secret", "active"} & set(profile)


async def test_a_link_is_good_once_and_for_a_while(api: ConfigApiServer) -> None:
    http = a_browser(api)
    await http.post("/auth/register", json=registration("anna"))
    first = token_in(await the_notice(api, "anna@hotel-seeblick.example", "confirm_registration"))
    await http.post("/auth/resend", json={"email": "anna@hotel-seeblick.example"})
    await eventually(lambda: count_notices(api, "anna", "confirm_registration"), 2, 10)
    second = token_in(await the_notice(api, "anna@hotel-seeblick.example", "confirm_registration"))
    is_problem_at(await http.post("/auth/confirm", json={"token": first}), 422, "link_not_valid")
    await sql(api, "UPDATE config.ticket SET expires_at = now() - interval '1 second'")
    is_problem_at(await http.post("/auth/confirm", json={"token": second}), 422, "link_not_valid")
    await sql(api, "UPDATE config.ticket SET expires_at = now() + interval '1 hour'")
    is_problem_at(
        await http.post("/auth/password-reset/confirm", json={"token": second, "password": ANOTHER_PASSWORD}),
        422,
        "link_not_valid",
    )
    assert (await http.post("/auth/confirm", json={"token": second})).status_code == 204
    is_problem_at(await http.post("/auth/confirm", json={"token": second}), 422, "link_not_valid")


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"password": "zu kurz"}, "not_valid", "body.password"),
        ({"password": "x" * 257}, "not_valid", "body.password"),
        ({"password": "Passwort1234"}, "password_too_common", "body.password"),
        ({"password": "P@ssw0rd2025!"}, "password_too_common", "body.password"),
        ({"password": "1qay2wsx3edc"}, "password_too_common", "body.password"),
        ({"password": "aaaaaaaaaaaa"}, "password_too_common", "body.password"),
        ({"password": "Sommerurlaub2024"}, "password_too_common", "body.password"),
        ({"password": "leavemealone"}, "password_too_guessable", "body.password"),
        ({"password": "die Berta vom Bodensee"}, "password_too_guessable", "body.password"),
        ({"password": "mein Kinamik Zugang 9"}, "password_too_guessable", "body.password"),
        ({"terms_version": "2019-01"}, "terms_outdated", "body.terms_version"),
        ({"user_name": "be"}, "not_valid", "body.user_name"),
        ({"user_name": "berta@x"}, "not_valid", "body.user_name"),
        ({"email": "berta"}, "not_valid", "body.email"),
        ({"email": "ber\x00ta@hotel.example"}, "not_valid", "body.email"),
        ({"first_name": "\x00"}, "not_valid", "body.first_name"),
        ({"invitation": "kein Token"}, "link_not_valid", "body.invitation"),
    ],
)
async def test_what_is_not_good_enough_to_register(
    api: ConfigApiServer, changes: dict[str, str], reason: str, field: str
) -> None:
    response = await a_browser(api).post("/auth/register", json=registration("berta") | changes)
    is_problem_at(response, 422, reason, field)
    assert await sql(api, "SELECT 1 FROM config.account") == []


async def test_long_passwords_count_to_their_last_character(api: ConfigApiServer) -> None:
    long = "Schwalben über dem Seeufer " * 9
    anna = await a_person(api, password=long + "1")
    is_problem_at(await log_in(anna.http, "anna", long + "2"), 401, "credentials_not_valid")
    is_problem_at(await log_in(anna.http, "anna", long + "1 "), 401, "credentials_not_valid")


async def test_a_user_name_is_taken_once(api: ConfigApiServer, anna: Person) -> None:
    entered = registration("berta", user_name="ANNA")
    is_problem_at(await a_browser(api).post("/auth/register", json=entered), 409, "user_name_taken", "body.user_name")
    berta = await a_person(api, "berta")
    response = await berta.http.patch("/account", json={"user_name": "Anna"})
    is_problem_at(response, 409, "user_name_taken", "body.user_name")


async def test_registering_for_somebody_elses_address_gains_nothing(api: ConfigApiServer) -> None:
    """Whoever owns it sets a password of the own by mail, and the other one is good no longer."""
    stranger = a_browser(api)
    await stranger.post("/auth/register", json=registration("anna"))
    await a_browser(api).post("/auth/register", json=registration("anna2", email="anna@hotel-seeblick.example"))
    owner = a_browser(api)
    await owner.post("/auth/password-reset", json={"email": "anna@hotel-seeblick.example"})
    token = token_in(await the_notice(api, "anna@hotel-seeblick.example", "reset_password"))
    await owner.post("/auth/password-reset/confirm", json={"token": token, "password": ANOTHER_PASSWORD})
    assert (await log_in(owner, "anna@hotel-seeblick.example", ANOTHER_PASSWORD)).status_code == 200
    is_problem_at(await log_in(stranger, "anna", A_PASSWORD), 401, "credentials_not_valid")


async def test_an_address_that_becomes_known_at_this_moment_is_not_told_either(
    postgres: Postgres, api: ConfigApiServer
) -> None:
    """Both looked it up before either was stored: the transaction that is open here makes sure of that."""
    anna, berta = registration("anna"), registration("berta", email="anna@hotel-seeblick.example")
    async with await psycopg.AsyncConnection.connect(postgres.conninfo(api.database)) as blocking:
        await blocking.execute("LOCK TABLE config.account IN SHARE MODE")
        answers = [asyncio.create_task(a_browser(api).post("/auth/register", json=each)) for each in (anna, berta)]
        await until_waiting(api, 2)
    assert [(await answer).status_code for answer in answers] == [202, 202]
    assert await sql(api, "SELECT count(*), count(email) FROM config.account") == [(2, 1)]


async def test_twenty_registrations_at_one_moment_make_one_account_with_the_address(api: ConfigApiServer) -> None:
    http = a_browser(api)
    answers = await asyncio.gather(
        *(
            http.post("/auth/register", json=registration(f"anna{n}", email="anna@hotel-seeblick.example"))
            for n in range(20)
        )
    )
    assert {answer.status_code for answer in answers} == {202}
    assert await sql(api, "SELECT count(*), count(email) FROM config.account") == [(20, 1)]


async def test_an_invited_person_is_a_member_at_once(api: ConfigApiServer, anna: Person) -> None:
    hotel = await created(anna, "Hotel Seeblick")
    invited = {"email": "Berta@hotel-seeblick.example", "role": "member"}
    response = await anna.http.post(f"/organisations/{hotel}/invitations", json=invited)
    assert response.status_code == 201, response.text
    token = token_in(await the_notice(api, "Berta@hotel-seeblick.example", "invitation"))
    http = a_browser(api)
    elsewhere = registration("carla", invitation=token)
    is_problem_at(await http.post("/auth/register", json=elsewhere), 422, "link_not_valid", "body.invitation")
    entered = registration("berta", invitation=token)
    response = await http.post("/auth/register", json=entered)
    assert (response.status_code, response.json()) == (202, {"status": "accepted"})
    assert (await log_in(http, "berta", A_PASSWORD)).status_code == 200
    assert [each["id"] for each in (await http.get("/organisations")).json()["items"]] == [hotel]
    again = registration("berta2", invitation=token)
    is_problem_at(await http.post("/auth/register", json=again), 422, "link_not_valid", "body.invitation")


async def created(person: Person, name: str) -> str:
    response = await person.http.post("/organisations", json={"name": name})
    assert response.status_code == 201, response.text
    return response.json()["id"]


async def count_notices(api: ConfigApiServer, name: str, kind: Any) -> int:
    return len(await notices(api, f"{name}@hotel-seeblick.example", kind))
