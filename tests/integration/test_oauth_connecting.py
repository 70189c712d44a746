"""From the button to a mailbox that is opened: by Google, by Microsoft, and a team's mailbox."""

from typing import Any

import httpx2
import pytest

from tests.servers.config_api import NO_TLS, ConfigApiServer, running_config_api
from tests.servers.connecting import (
    CALLBACK,
    Accounts,
    House,
    a_house,
    access_token,
    came_back,
    consent,
    query_of,
)
from tests.servers.faults import Outcome, google_error
from tests.servers.graph.faults import Fault
from tests.servers.person import Person, a_person
from tests.servers.postgres import Postgres

pytest_plugins = ("tests.servers.fixtures",)

PROFILES = {"gmail": "/gmail/v1/users/me/profile", "graph": "/v1.0/me/mailFolders/inbox"}
PROVIDERS = pytest.mark.parametrize("provider", ["gmail", "graph"])


@pytest.fixture
def api_settings(accounts: Accounts) -> dict[str, Any]:
    return accounts.settings()


@pytest.fixture
async def house(anna: Person) -> House:
    return await a_house(anna)


async def opened(accounts: Accounts, provider: str, token: str, path: str = "") -> int:
    """The status with which a provider's API answers."""
    url = accounts.google.google.url if provider == "gmail" else accounts.graph.url
    async with httpx2.AsyncClient(verify=NO_TLS) as http:
        headers = {"Authorization": f"Bearer {token}"}
        return (await http.get(url + (path or PROFILES[provider]), headers=headers)).status_code


@PROVIDERS
async def test_the_whole_way(accounts: Accounts, api: ConfigApiServer, house: House, provider: str) -> None:
    email = accounts.next()
    told = await house.connect(provider, email, return_to="start")
    (mailbox,) = await house.mailboxes()
    assert told == {"mailbox": mailbox["id"], "return_to": "start", "provider": provider}
    assert (mailbox["provider"], mailbox["address"], mailbox["imap"]) == (provider, email, None)
    token = (await access_token(api, mailbox["id"])).json()["token"]
    assert await opened(accounts, provider, token) == 200
    (known,) = (await api.internal("/config"))["mailboxes"]
    assert known["account"]["kind"] == provider


@PROVIDERS
async def test_what_the_log_in_page_is_asked(accounts: Accounts, house: House, provider: str) -> None:
    url = await house.begin(provider)
    asked = query_of(url)
    assert asked["redirect_uri"] == CALLBACK
    assert (asked["response_type"], asked["code_challenge_method"], len(asked["code_challenge"])) == (
        "code",
        "S256",
        43,
    )
    scopes = {scope.removeprefix(f"{accounts.graph.url}/") for scope in asked["scope"].split()}
    google = {f"https://www.googleapis.com/auth/gmail.{word}" for word in ("readonly", "compose")}
    assert scopes == (google if provider == "gmail" else {"offline_access", "User.Read", "Mail.ReadWrite"})
    assert "client_secret" not in asked


@PROVIDERS
async def test_a_code_is_worth_nothing_with_another_attempts_verifier(
    accounts: Accounts, house: House, provider: str
) -> None:
    """Somebody slips a code of theirs into a person's browser, or the other way round (RFC 7636)."""
    stolen = query_of(await consent(await house.begin(provider), accounts.next()))
    own = query_of(await house.begin(provider))
    told = await came_back(house.person, f"{CALLBACK}?code={stolen['code']}&state={own['state'].replace('+', '%2B')}")
    assert told["problem"] == "connecting_failed"
    assert await house.mailboxes() == []


@PROVIDERS
async def test_the_address_to_return_to_is_exactly_the_one_that_is_registered(
    accounts: Accounts, postgres: Postgres, database: str, provider: str
) -> None:
    async with running_config_api(
        postgres, database, **accounts.settings() | {"public_url": "http://127.0.0.1"}
    ) as api:
        house = await a_house(await a_person(api))
        with pytest.raises(AssertionError, match="redirect_uri is not registered"):
            await consent(await house.begin(provider), accounts.next())


async def test_a_team_mailbox_is_opened_with_the_log_in_of_whom_it_is_shared_with(
    accounts: Accounts, api: ConfigApiServer, house: House
) -> None:
    email, team = accounts.next(), accounts.next()
    accounts.shared[email] = [accounts.users[team]]
    url = await house.begin("graph", team_mailbox=team)
    assert f"{accounts.graph.url}/Mail.ReadWrite.Shared" in query_of(url)["scope"].split()
    mailbox = await house.mailbox((await came_back(house.person, await consent(url, email)))["mailbox"])
    assert (mailbox["address"], mailbox["team_mailbox"]) == (team, team)
    token = (await access_token(api, mailbox["id"])).json()["token"]
    assert await opened(accounts, "graph", token, f"/v1.0/users/{team}/mailFolders/inbox") == 200
    (known,) = (await api.internal("/config"))["mailboxes"]
    assert known["account"] == {"kind": "graph", "user": team}


async def test_a_team_mailbox_that_is_not_shared_is_denied(accounts: Accounts, house: House) -> None:
    email, team = accounts.next(), accounts.next()
    assert (await house.connect("graph", email, team_mailbox=team))["problem"] == "team_mailbox_denied"
    nobodys = "gibt/es?nicht#@hotel-seeblick.example"
    assert (await house.connect("graph", email, team_mailbox=nobodys))["problem"] == "team_mailbox_denied"
    assert await house.mailboxes() == []


async def test_a_team_mailbox_and_the_same_one_as_a_persons_own_are_not_taken_for_each_other(
    accounts: Accounts, api: ConfigApiServer, house: House
) -> None:
    """Else the row that is opened as one's own would get a colleague's tokens, and her private mail be read."""
    email, team = accounts.next(), accounts.next()
    accounts.shared[email] = [accounts.users[team]]
    own = await house.connected("graph", team)
    before = (await access_token(api, own)).json()["token"]
    assert (await house.connect("graph", email, team_mailbox=team))["problem"] == "mailbox_exists"
    assert (await access_token(api, own)).json()["token"] == before
    assert len(await house.mailboxes()) == 1


@PROVIDERS
async def test_an_account_without_a_mailbox(accounts: Accounts, house: House, provider: str) -> None:
    if provider == "gmail":
        outcome = Outcome(400, google_error(400, "Mail service not enabled", "failedPrecondition"))
        accounts.google.google.faults.plan("GET", "/profile$", outcome)
    else:
        accounts.graph.fail(Fault("GET", "/mailFolders/inbox$", 404, "MailboxNotEnabledForRESTAPI"))
    assert (await house.connect(provider, accounts.next()))["problem"] == "no_mailbox"
    assert await house.mailboxes() == []


async def test_what_is_connected_already_is_meant_when_it_is_connected_as_new(accounts: Accounts, house: House) -> None:
    email = accounts.next()
    first = await house.connected("gmail", email)
    assert await house.connected("gmail", email) == first


async def test_the_address_is_the_accounts_and_stays(accounts: Accounts, house: House) -> None:
    """Else a mailbox could be moved to another account behind its ledger's back."""
    mailbox_id = await house.connected("gmail", accounts.next())
    path = f"{house.path}/mailboxes/{mailbox_id}"
    address = (await house.mailbox(mailbox_id))["address"]
    assert (await house.person.http.patch(path, json={"address": address, "active": False})).status_code == 200
    refused = await house.person.http.patch(path, json={"address": "andere@hotel-seeblick.example"})
    assert (refused.status_code, refused.json()["reason"]) == (409, "address_of_account")
    refused = await house.person.http.patch(path, json={"imap": {"host": "imap.example"}})
    assert (refused.status_code, refused.json()["reason"]) == (409, "other_provider")
