"""Access tokens as the services ask for them: renewed in time, and what a provider in trouble says is not believed."""

import hashlib
from typing import Any

import pytest

from shared.errors import AuthError, TransientError
from tests.servers.config_api import ConfigApiServer
from tests.servers.connecting import Accounts, House, a_house, access_token, aged
from tests.servers.faults import Faults, Outcome, dropped, server_error, throttled
from tests.servers.person import Person, sql

pytest_plugins = ("tests.servers.fixtures",)

TOKEN = "/token$"
TROUBLE = {
    "server error": server_error(500),
    "unavailable": server_error(503),
    "too many requests": throttled(30),
    "connection dropped": dropped(),
    "our registration is wrong": Outcome(401, {"error": "invalid_client"}),
    "the client may not": Outcome(400, {"error": "unauthorized_client"}),
    "temporarily unavailable": Outcome(400, {"error": "temporarily_unavailable"}),
    "revoked, says a server in trouble": Outcome(500, {"error": "invalid_grant"}),
    "revoked, says a limit": Outcome(429, {"error": "invalid_grant"}),
    "no token in it": Outcome(200, {"token_type": "Bearer"}),
    "no object": Outcome(200, ["invalid_grant"]),
    "nonsense": Outcome(403, "invalid_grant"),
}


@pytest.fixture
def api_settings(accounts: Accounts) -> dict[str, Any]:
    return accounts.settings()


@pytest.fixture
async def house(anna: Person) -> House:
    return await a_house(anna)


@pytest.fixture
def google(accounts: Accounts) -> Faults:
    return accounts.google.google.faults


@pytest.fixture
async def mailbox(accounts: Accounts, house: House, google: Faults) -> str:
    """At Google; nothing has been counted yet."""
    mailbox_id = await house.connected("gmail", accounts.next())
    google.clear()
    return mailbox_id


async def a_token(api: ConfigApiServer, mailbox_id: str, refused: str = "") -> str:
    answer = await access_token(api, mailbox_id, refused)
    assert answer.status_code == 200, answer.text
    return answer.json()["token"]


async def test_a_token_is_renewed_from_half_of_its_life_on(api: ConfigApiServer, mailbox: str, google: Faults) -> None:
    first = await a_token(api, mailbox)
    await aged(api, minutes=29)
    assert await a_token(api, mailbox) == first
    assert google.count("POST", TOKEN) == 0
    await aged(api, minutes=2)
    second = await a_token(api, mailbox)
    assert second != first
    assert await a_token(api, mailbox) == second
    assert google.count("POST", TOKEN) == 1


async def test_a_token_that_was_refused_is_renewed_at_once(api: ConfigApiServer, mailbox: str, google: Faults) -> None:
    first = await a_token(api, mailbox)
    refused = hashlib.sha256(first.encode()).hexdigest()
    second = await a_token(api, mailbox, refused)
    assert second != first
    assert await a_token(api, mailbox, refused) == second
    assert google.count("POST", TOKEN) == 1


async def test_a_refresh_token_that_is_good_once_is_followed_by_the_next(
    accounts: Accounts, api: ConfigApiServer, house: House
) -> None:
    """Entra as it is emulated refuses a refresh token that was used."""
    mailbox_id = await house.connected("graph", accounts.next())
    tokens = {await a_token(api, mailbox_id)}
    for _ in range(3):
        await aged(api, minutes=31)
        tokens.add(await a_token(api, mailbox_id))
    assert len(tokens) == 4


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_trouble_at_the_token_endpoint_is_no_revocation(
    api: ConfigApiServer, mailbox: str, google: Faults, trouble: str
) -> None:
    await aged(api, minutes=31)
    google.plan("POST", TOKEN, TROUBLE[trouble], times=2)
    answer = await access_token(api, mailbox)
    assert answer.status_code == 503, answer.text
    assert answer.json()["reason"] in ("provider_unavailable", "provider_misconfigured")
    async with api.client() as client:
        with pytest.raises(TransientError):
            await client.access_token(mailbox, "")
    assert await a_token(api, mailbox), "it goes on once the trouble is over"


async def test_a_revoked_grant_is_told_as_that(
    accounts: Accounts, api: ConfigApiServer, house: House, mailbox: str
) -> None:
    accounts.google.person((await house.mailbox(mailbox))["address"]).revoke()
    await aged(api, minutes=31)
    answer = await access_token(api, mailbox)
    assert (answer.status_code, answer.json()["reason"]) == (409, "access_revoked")
    async with api.client() as client:
        with pytest.raises(AuthError, match="access_revoked"):
            await client.access_token(mailbox, "")


@pytest.mark.parametrize("error", ["invalid_grant", "interaction_required", "consent_required"])
async def test_so_is_a_grant_that_needs_the_person(
    api: ConfigApiServer, mailbox: str, google: Faults, error: str
) -> None:
    await aged(api, minutes=31)
    google.plan("POST", TOKEN, Outcome(400, {"error": error, "error_description": "AADSTS50076"}))
    answer = await access_token(api, mailbox)
    assert (answer.status_code, answer.json()["reason"]) == (409, "access_revoked")


async def test_a_mailbox_that_is_no_more_or_has_no_grant(api: ConfigApiServer, house: House, mailbox: str) -> None:
    by_password = {"host": "127.0.0.1", "port": 1143, "security": "none", "username": "info", "password": "geheim"}
    body = {"assistant_id": house.assistant, "address": "info@haus.example", "imap": by_password}
    imap = (await house.person.http.post(f"{house.path}/mailboxes", json=body)).json()["id"]
    assert (await access_token(api, imap)).status_code == 404
    assert (await house.person.http.delete(f"{house.path}/mailboxes/{mailbox}")).status_code == 204
    assert (await access_token(api, mailbox)).status_code == 404
    async with api.client() as client:
        with pytest.raises(AuthError):
            await client.access_token(mailbox, "")


async def test_a_provider_that_is_not_configured_any_more(api: ConfigApiServer, mailbox: str) -> None:
    await sql(
        api,
        "UPDATE config.mailbox SET provider = 'imap', imap_host = 'x', imap_port = 1,"
        " imap_security = 'tls', imap_username = 'x', access_token = NULL",
    )
    answer = await access_token(api, mailbox)
    assert (answer.status_code, answer.json()["reason"]) == (503, "provider_misconfigured")
