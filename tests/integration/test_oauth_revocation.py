"""Whoever disconnects a mailbox ends the grant at the provider as well, and nothing of it stays here."""

from typing import Any

import pytest

from tests.servers.config_api import ConfigApiServer
from tests.servers.connecting import Accounts, House, a_house, access_token, aged
from tests.servers.faults import Faults, dropped, server_error
from tests.servers.owner import eventually
from tests.servers.person import Person, a_person, sql

pytest_plugins = ("tests.servers.fixtures",)

REVOKE = "/revoke$"
COLUMNS = "refresh_token, access_token, access_token_from, access_token_until, renewing_until"
SECONDS = 30


@pytest.fixture
def api_settings(accounts: Accounts) -> dict[str, Any]:
    return accounts.settings()


@pytest.fixture
async def house(anna: Person) -> House:
    return await a_house(anna)


@pytest.fixture
def google(accounts: Accounts) -> Faults:
    return accounts.google.google.faults


async def until_revoked(accounts: Accounts, email: str) -> None:
    async def look() -> list[str]:
        return accounts.google.google.grants(email)

    await eventually(look, [], SECONDS)


async def until_settled(api: ConfigApiServer) -> None:
    """Until no revocation waits any more."""

    async def look() -> Any:
        return await sql(api, "SELECT count(*) FROM config.config_outbox WHERE queue = 'oauth-revocation'")

    await eventually(look, [(0,)], SECONDS)


async def disconnect(house: House, mailbox: str, what: str) -> None:
    http, path = house.person.http, house.path
    match what:
        case "mailbox":
            answer = await http.delete(f"{path}/mailboxes/{mailbox}")
        case "assistant":
            answer = await http.delete(f"{path}/assistants/{house.assistant}")
        case _:
            answer = await house.person.api.http.delete(path)
    assert answer.is_success, answer.text


@pytest.mark.parametrize("what", ["mailbox", "assistant", "organisation"])
async def test_the_grant_ends_with_what_it_was_for(
    accounts: Accounts, api: ConfigApiServer, house: House, what: str
) -> None:
    email = accounts.next()
    mailbox = await house.connected("gmail", email)
    assert accounts.google.google.grants(email)
    await disconnect(house, mailbox, what)
    assert await sql(api, f"SELECT {COLUMNS} FROM config.mailbox") == [(None,) * 5]
    await until_revoked(accounts, email)
    assert (await access_token(api, mailbox)).status_code == 404


@pytest.mark.parametrize("what", ["mailbox", "organisation"])
@pytest.mark.parametrize("trouble", [server_error(), dropped()])
async def test_it_ends_also_where_google_was_away_at_that_moment(
    accounts: Accounts, api: ConfigApiServer, house: House, google: Faults, trouble: Any, what: str
) -> None:
    email = accounts.next()
    mailbox = await house.connected("gmail", email)
    google.plan("POST", REVOKE, trouble, times=3)
    (token,) = accounts.google.google.grants(email)
    await disconnect(house, mailbox, what)
    (waiting,) = await sql(api, "SELECT payload FROM config.config_outbox WHERE queue = 'oauth-revocation'")
    assert token.encode() not in bytes(waiting.payload)
    assert email.encode() not in bytes(waiting.payload)
    await until_revoked(accounts, email)
    await until_settled(api)
    assert google.count("POST", REVOKE) == 4


async def test_a_grant_that_has_ended_already_is_not_asked_about_again(
    accounts: Accounts, api: ConfigApiServer, house: House, google: Faults
) -> None:
    email = accounts.next()
    mailbox = await house.connected("gmail", email)
    accounts.google.person(email).revoke()
    await disconnect(house, mailbox, "mailbox")
    await until_settled(api)
    assert google.count("POST", REVOKE) == 1


async def test_an_account_that_another_organisation_has_connected_stays_connected(
    accounts: Accounts, api: ConfigApiServer, house: House, google: Faults
) -> None:
    """Google would end the other's grant with this one."""
    email = accounts.next()
    mailbox = await house.connected("gmail", email)
    other = await a_house(await a_person(api, "berta"))
    others = await other.connected("gmail", email)
    await disconnect(house, mailbox, "mailbox")
    await until_settled(api)
    assert google.count("POST", REVOKE) == 0
    await aged(api, minutes=31)
    assert (await access_token(api, others)).status_code == 200
    await disconnect(other, others, "mailbox")
    await until_revoked(accounts, email)


async def test_a_late_revocation_does_not_end_what_was_connected_anew_meanwhile(
    accounts: Accounts, api: ConfigApiServer, house: House, google: Faults
) -> None:
    email = accounts.next()
    mailbox = await house.connected("gmail", email)
    google.plan("POST", REVOKE, server_error(), times=2)
    await disconnect(house, mailbox, "mailbox")
    again = await house.connected("gmail", email)
    assert again != mailbox
    await until_settled(api)
    await aged(api, minutes=31)
    assert (await access_token(api, again)).status_code == 200


async def test_at_microsoft_nothing_can_be_revoked_and_nothing_stays(
    accounts: Accounts, api: ConfigApiServer, house: House
) -> None:
    mailbox = await house.connected("graph", accounts.next())
    await disconnect(house, mailbox, "mailbox")
    assert await sql(api, f"SELECT {COLUMNS} FROM config.mailbox") == [(None,) * 5]
    await until_settled(api)
