"""One renewal at a time, whoever asks and wherever: two replicas of config-api on one database."""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import pytest

from config_api.oauth import access
from config_api.oauth.client import ANSWER_WITHIN
from config_api.rotate import main as rotate
from tests.servers.config_api import ConfigApiServer, a_master_key, running_config_api, settings_for
from tests.servers.connecting import Accounts, House, a_house, access_token, aged
from tests.servers.faults import Faults, held, server_error, slow
from tests.servers.owner import eventually
from tests.servers.person import Person, a_person, sql
from tests.servers.postgres import Postgres

pytest_plugins = ("tests.servers.fixtures",)

TOKEN = "/token$"
KEY = a_master_key("first")


@pytest.fixture
def api_settings(accounts: Accounts) -> dict[str, Any]:
    return accounts.settings() | {"master_keys": KEY}


@pytest.fixture
async def replica(
    postgres: Postgres, api: ConfigApiServer, api_settings: dict[str, Any]
) -> AsyncGenerator[ConfigApiServer]:
    async with running_config_api(postgres, api.database, **api_settings) as server:
        yield server


@pytest.fixture
async def house(anna: Person) -> House:
    return await a_house(anna)


@pytest.fixture
def entra(accounts: Accounts) -> Faults:
    return accounts.google.microsoft.faults


@pytest.fixture
async def mailbox(accounts: Accounts, api: ConfigApiServer, house: House, entra: Faults) -> str:
    """At Microsoft, where a refresh token is good once, with an access token that is to be renewed."""
    mailbox_id = await house.connected("graph", accounts.next())
    await aged(api, minutes=31)
    entra.clear()
    return mailbox_id


async def until_asked(faults: Faults) -> None:
    async def look() -> bool:
        return faults.count("POST", TOKEN) > 0

    await eventually(look, True, 20)


async def test_of_many_that_ask_at_once_one_asks_the_provider(
    api: ConfigApiServer, replica: ConfigApiServer, mailbox: str, entra: Faults
) -> None:
    entra.plan("POST", TOKEN, slow(1.0))
    answers = await asyncio.gather(*(access_token(each, mailbox) for each in (api, replica) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["token"] for answer in answers}) == 1
    assert entra.count("POST", TOKEN) == 1
    assert await sql(api, "SELECT renewing_until FROM config.mailbox") == [(None,)]


async def test_so_it_is_when_all_were_refused(
    api: ConfigApiServer, replica: ConfigApiServer, house: House, accounts: Accounts, entra: Faults
) -> None:
    mailbox_id = await house.connected("graph", accounts.next())
    token = (await access_token(api, mailbox_id)).json()["token"]
    refused = hashlib.sha256(token.encode()).hexdigest()
    entra.clear()
    entra.plan("POST", TOKEN, slow(0.5))
    asking = (access_token(each, mailbox_id, refused) for each in (api, replica) for _ in range(10))
    tokens = {answer.json()["token"] for answer in await asyncio.gather(*asking)}
    assert len(tokens) == 1
    assert tokens != {token}
    assert entra.count("POST", TOKEN) == 1


async def test_trouble_reaches_all_who_wait_and_the_next_one_tries_again(
    api: ConfigApiServer, replica: ConfigApiServer, mailbox: str, entra: Faults
) -> None:
    entra.plan("POST", TOKEN, server_error(), times=2)
    answers = await asyncio.gather(*(access_token(each, mailbox) for each in (api, replica) for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert 1 <= entra.count("POST", TOKEN) <= 3
    assert (await access_token(replica, mailbox)).status_code == 200


async def test_whoever_dies_with_the_lease_frees_it_after_its_time(
    api: ConfigApiServer, mailbox: str, entra: Faults
) -> None:
    await sql(api, "UPDATE config.mailbox SET renewing_until = now() + interval '2 seconds'")
    begun = time.monotonic()
    assert (await access_token(api, mailbox)).status_code == 200
    assert 1.5 < time.monotonic() - begun < 10
    assert entra.count("POST", TOKEN) == 1


async def test_the_provider_has_to_answer_within_the_lease() -> None:
    assert access.LEASE.total_seconds() >= 1.5 * ANSWER_WITHIN


async def test_who_asks_no_more_does_not_break_the_renewal_off(
    api: ConfigApiServer, mailbox: str, entra: Faults
) -> None:
    """Else the refresh token that has come meanwhile would be lost, and the used one is worth nothing."""
    tokens: access.Access = api.app.state.access
    answer = held()
    entra.plan("POST", TOKEN, answer)
    impatient = asyncio.create_task(tokens.get(UUID(mailbox)))
    await until_asked(entra)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert answer.released
    answer.released.set()
    assert (await access_token(api, mailbox)).status_code == 200
    assert entra.count("POST", TOKEN) == 1


@pytest.mark.parametrize("old_grant", ["still good", "at its end"])
async def test_a_mailbox_that_is_connected_anew_in_the_middle_keeps_its_new_grant(
    api: ConfigApiServer, house: House, mailbox: str, entra: Faults, old_grant: str
) -> None:
    answer = held() if old_grant == "still good" else held(400, {"error": "invalid_grant"})
    entra.plan("POST", TOKEN, answer)
    renewing = asyncio.create_task(access_token(api, mailbox))
    await until_asked(entra)
    email = (await house.mailbox(mailbox))["address"]
    assert (await house.connect("graph", email, mailbox_id=mailbox))["mailbox"] == mailbox
    columns = "SELECT refresh_token, access_token FROM config.mailbox"
    connected = await sql(api, columns)
    assert answer.released
    answer.released.set()
    renewed = await renewing
    assert renewed.status_code == 200, renewed.text
    assert await sql(api, columns) == connected
    assert renewed.json()["token"] == (await access_token(api, mailbox)).json()["token"]
    await aged(api, minutes=31)
    assert (await access_token(api, mailbox)).status_code == 200


async def test_the_master_key_may_change_in_the_middle(
    accounts: Accounts, postgres: Postgres, database: str, entra: Faults
) -> None:
    """What lies there sealed is then another text, and is the same grant all the same."""
    keys = f"{a_master_key('new')},{KEY}"
    async with running_config_api(postgres, database, **accounts.settings(), master_keys=KEY) as api:
        mailbox_id = await (await a_house(await a_person(api))).connected("graph", accounts.next())
        await aged(api, minutes=31)
    async with running_config_api(postgres, database, **accounts.settings(), master_keys=keys) as api:
        entra.clear()
        answer = held()
        entra.plan("POST", TOKEN, answer)
        renewing = asyncio.create_task(access_token(api, mailbox_id))
        await until_asked(entra)
        await rotate(settings_for(postgres.url(database), master_keys=keys))
        assert answer.released
        answer.released.set()
        assert (await renewing).status_code == 200
        await aged(api, minutes=31)
        assert (await access_token(api, mailbox_id)).status_code == 200
