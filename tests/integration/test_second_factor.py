"""The second factor: codes of an app that are good once, recovery codes, and the secret at rest."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx2
import psycopg
import pytest
from pyotp import parse_uri
from pyotp.totp import TOTP

from config_api.app import ConfigApi
from config_api.rotate import main as rotate
from shared.errors import PermanentError
from shared.events import AuditRecorded
from tests.problems import is_problem
from tests.servers.config_api import ConfigApiServer, a_master_key, running_config_api, settings_for
from tests.servers.person import A_PASSWORD, Person, a_browser, a_person, notices, the_notice, token_in, until_waiting
from tests.servers.postgres import Postgres

STEP = 30


@pytest.fixture
def api_settings() -> dict[str, Any]:
    return {"login_failures_per_name": 1000}


@dataclass
class Protected:
    """A person with a second factor, and the app that makes its codes."""

    person: Person
    app: TOTP
    recovery_codes: list[str]

    async def log_in(self, code: str | None = None) -> httpx2.Response:
        body = {"login": self.person.user_name, "password": A_PASSWORD} | ({"code": code} if code else {})
        return await a_browser(self.person.api).post("/auth/login", json=body)


async def protected(api: ConfigApiServer, name: str = "anna") -> Protected:
    person = await a_person(api, name)
    offer = (await person.http.post("/account/second-factor", json={"password": A_PASSWORD})).json()
    app = TOTP(offer["secret"])
    response = await person.http.post("/account/second-factor/confirm", json={"code": code_of(app, -1)})
    assert response.status_code == 200, response.text
    return Protected(person, app, response.json()["codes"])


def code_of(app: TOTP, steps: int) -> str:
    return app.at(time.time() + steps * STEP)


async def in_the_middle_of_a_step() -> None:
    """So that the clock does not step on within a test."""
    left = STEP - time.time() % STEP
    if left < 12:
        await asyncio.sleep(left + 0.5)


async def test_it_is_switched_on_with_a_code_and_asked_for_from_then_on(api: ConfigApiServer) -> None:
    anna = await a_person(api)
    wrong = await anna.http.post("/account/second-factor", json={"password": "falsch"})
    is_problem(wrong, 403, "password_not_valid")
    no_offer = await anna.http.post("/account/second-factor/confirm", json={"code": "123456"})
    is_problem(no_offer, 409, "second_factor_not_begun")
    offer = (await anna.http.post("/account/second-factor", json={"password": A_PASSWORD})).json()
    app = parse_uri(offer["uri"])
    assert isinstance(app, TOTP)
    assert (app.secret, app.name, app.issuer) == (offer["secret"], anna.email, "Kinamik")
    await anna.another_browser()
    wrong_code = await anna.http.post("/account/second-factor/confirm", json={"code": "keiner"})
    is_problem(wrong_code, 403, "code_not_valid")
    response = await anna.http.post("/account/second-factor/confirm", json={"code": app.now()})
    codes = response.json()["codes"]
    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) == 24 for code in codes)
    assert (await anna.http.get("/account")).json()["second_factor"] is True
    again = await anna.http.post("/account/second-factor", json={"password": A_PASSWORD})
    is_problem(again, 409, "second_factor_active")
    is_problem(await Protected(anna, app, codes).log_in(), 401, "second_factor_required")
    await until_recorded(api, "login", "pending")
    assert len(await notices(api, anna.email, "second_factor_changed")) == 1


async def until_recorded(api: ConfigApiServer, action: str, outcome: str) -> None:
    """In the security log."""
    async with asyncio.timeout(10):
        while True:
            event = await api.published.get()
            if isinstance(event, AuditRecorded) and (event.action, event.outcome) == (action, outcome):
                return


async def test_a_code_is_good_once_and_then_only_later_ones(postgres: Postgres, api: ConfigApiServer) -> None:
    await in_the_middle_of_a_step()
    anna = await protected(api)
    is_problem(await anna.log_in(code_of(anna.app, -1)), 401, "code_not_valid")
    async with await psycopg.AsyncConnection.connect(postgres.conninfo(api.database)) as blocking:
        await blocking.execute("SELECT 1 FROM config.account FOR UPDATE")
        answers = [asyncio.create_task(anna.log_in(code_of(anna.app, 0))) for _ in range(3)]
        await until_waiting(api, 3)
    assert sorted([(await answer).status_code for answer in answers]) == [200, 401, 401]
    assert (await anna.log_in(f" {code_of(anna.app, 1)[:3]} {code_of(anna.app, 1)[3:]} ")).status_code == 200
    is_problem(await anna.log_in(code_of(anna.app, 0)), 401, "code_not_valid")
    is_problem(await anna.log_in(code_of(anna.app, 2)), 401, "code_not_valid")


async def test_the_code_says_nothing_to_whoever_does_not_know_the_password(api: ConfigApiServer) -> None:
    anna = await protected(api)
    for code in (code_of(anna.app, 0), anna.recovery_codes[0], "000000"):
        body = {"login": "anna", "password": "falsch", "code": code}
        is_problem(await a_browser(api).post("/auth/login", json=body), 401, "credentials_not_valid")
    assert (await anna.log_in(anna.recovery_codes[0])).status_code == 200, "nothing was used up"


async def test_a_recovery_code_stands_in_once(api: ConfigApiServer) -> None:
    anna = await protected(api)
    first, second, *_ = anna.recovery_codes
    answers = await asyncio.gather(*(anna.log_in(first) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]
    assert (await anna.log_in(second.replace("-", "").upper())).status_code == 200
    berta = await protected(api, "berta")
    is_problem(await berta.log_in(anna.recovery_codes[3]), 401, "code_not_valid")


async def test_guessing_codes_locks_the_name(postgres: Postgres, database: str) -> None:
    """Also when each guess is followed by a good password without a code, which must not count as a success."""
    async with running_config_api(postgres, database) as api:
        anna = await protected(api)
        answers = [(await anna.log_in(code)).status_code for code in ("000000", None) * 4]
        assert answers == [401] * 5 + [429] * 3


async def test_it_is_switched_off_with_password_and_code(api: ConfigApiServer) -> None:
    anna = await protected(api)
    http, code = anna.person.http, anna.recovery_codes[0]

    async def switch_off(password: str, code: str) -> httpx2.Response:
        return await http.request("DELETE", "/account/second-factor", json={"password": password, "code": code})

    is_problem(await switch_off("falsch", code), 403, "password_not_valid")
    is_problem(await switch_off(A_PASSWORD, "000000"), 403, "code_not_valid")
    assert (await switch_off(A_PASSWORD, code)).status_code == 204
    is_problem(await switch_off(A_PASSWORD, code), 409, "second_factor_not_active")
    assert (await http.get("/account")).json()["second_factor"] is False
    assert (await anna.log_in()).status_code == 200
    assert len(await notices(api, anna.person.email, "second_factor_changed")) == 2


async def test_a_new_password_by_mail_is_no_way_around_it(api: ConfigApiServer) -> None:
    anna = await protected(api)
    http = a_browser(api)
    await http.post("/auth/password-reset", json={"email": anna.person.email})
    token = token_in(await the_notice(api, anna.person.email, "reset_password"))
    assert (
        await http.post("/auth/password-reset/confirm", json={"token": token, "password": A_PASSWORD})
    ).status_code == 204
    is_problem(await anna.log_in(), 401, "second_factor_required")
    assert (await anna.log_in(anna.recovery_codes[0])).status_code == 200


def stored(postgres: Postgres, database: str) -> list[str]:
    with psycopg.connect(postgres.conninfo(database)) as connection:
        return [row[0] for row in connection.execute("SELECT totp_secret FROM config.account ORDER BY user_name")]


async def test_the_secret_is_sealed_and_moves_to_the_new_master_key(postgres: Postgres, database: str) -> None:
    old, new = a_master_key("2026a"), a_master_key("2026b")
    async with running_config_api(postgres, database, master_keys=old) as api:
        anna = await protected(api)
    (sealed,) = stored(postgres, database)
    assert sealed.startswith("2026a:")
    assert anna.app.secret not in sealed
    postgres.execute("DELETE FROM config.content_key", database)  # the second factor alone still needs the old key
    url = postgres.url(database)
    with pytest.raises(PermanentError, match="master_key_missing"):
        await start_and_stop(ConfigApi.of(settings_for(url, master_keys=new)))
    await rotate(settings_for(url, master_keys=f"{new},{old}"))
    (resealed,) = stored(postgres, database)
    assert resealed.startswith("2026b:")
    async with running_config_api(postgres, database, master_keys=new) as api:
        anna.person.api = api
        assert (await anna.log_in(code_of(anna.app, 1))).status_code == 200


async def test_the_secret_of_another_account_does_not_open(postgres: Postgres, api: ConfigApiServer) -> None:
    """Whoever can write to the table cannot put the own secret in another's row."""
    anna, berta = await protected(api), await protected(api, "berta")
    stolen = "(SELECT totp_secret FROM config.account WHERE user_name = 'berta')"
    postgres.execute(f"UPDATE config.account SET totp_secret = {stolen} WHERE user_name = 'anna'", api.database)
    is_problem(await anna.log_in(code_of(berta.app, 1)), 401, "code_not_valid")
    assert (await anna.log_in(anna.recovery_codes[0])).status_code == 200


async def start_and_stop(service: ConfigApi) -> None:
    async def nowhere(_: object) -> None: ...

    async with service.running(nowhere):
        pass
