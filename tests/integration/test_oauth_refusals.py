"""Who may connect a mailbox, and what ends on a page that says what is wrong: then nothing is stored."""

import base64
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest

from config_api.models import now
from config_api.oauth import connecting
from tests.servers.config_api import ConfigApiServer
from tests.servers.connecting import CALLBACK, Accounts, House, a_house, came_back, consent, query_of, told
from tests.servers.faults import server_error, throttled
from tests.servers.google_gateway import COMPOSE, READ
from tests.servers.person import Person, a_browser, a_person, sql

pytest_plugins = ("tests.servers.fixtures",)


@pytest.fixture
def api_settings(accounts: Accounts) -> dict[str, Any]:
    return accounts.settings()


@pytest.fixture
async def house(anna: Person) -> AsyncGenerator[House]:
    """Which has no mailbox, and still has none afterwards."""
    house = await a_house(anna)
    yield house
    left = await sql(anna.api, "SELECT count(*) FROM config.mailbox WHERE deleted_at IS NULL")
    assert left == [(0,)]


async def test_a_state_is_good_where_it_began(accounts: Accounts, api: ConfigApiServer, house: House) -> None:
    berta = await a_person(api, "berta")
    url = await consent(await house.begin("gmail"), accounts.next())
    assert await came_back(berta, url) == {"problem": "link_not_valid"}
    assert await told(await house.person.another_browser(), query_of(url)) == {"problem": "link_not_valid"}
    assert await told(a_browser(api), query_of(url)) == {"problem": "login_required"}
    assert await told(a_browser(api), {}) == {"problem": "login_required"}


async def test_a_state_that_was_tampered_with(accounts: Accounts, house: House) -> None:
    query = query_of(await consent(await house.begin("gmail"), accounts.next()))
    key, _, encoded = query["state"].partition(":")
    sealed = bytearray(base64.b64decode(encoded))
    sealed[40] ^= 1
    for state in (f"{key}:{base64.b64encode(sealed).decode()}", f"{key}:AAAA", "nichts:AAAA", "ä", ""):
        assert await told(house.person.http, query | {"state": state}) == {"problem": "link_not_valid"}


async def test_a_state_that_is_too_old(accounts: Accounts, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "LIFETIME", timedelta(seconds=-1))
    url = await consent(await house.begin("gmail"), accounts.next())
    assert await came_back(house.person, url) == {"problem": "link_not_valid"}


async def test_a_state_holds_for_a_quarter_of_an_hour(house: House) -> None:
    state = query_of(await house.begin("gmail"))["state"]
    ((session_id,),) = await sql(house.person.api, "SELECT id FROM config.login_session")
    attempt = connecting.unseal(state, session_id, house.person.api.service.master_keys)
    assert timedelta(minutes=14) < attempt.expires_at - now() <= timedelta(minutes=15)
    assert attempt.verifier not in state


async def test_whoever_has_left_the_organisation_meanwhile(
    accounts: Accounts, api: ConfigApiServer, house: House
) -> None:
    url = await consent(await house.begin("gmail"), accounts.next())
    await sql(api, "DELETE FROM config.membership")
    assert await came_back(house.person, url) == {"problem": "organisation_unknown"}


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ("access_denied", "access_refused"),
        ("consent_required", "admin_consent_needed"),
        ("server_error", "connecting_failed"),
        ("<script>", "connecting_failed"),
    ],
)
async def test_the_person_has_not_agreed(house: House, error: str, problem: str) -> None:
    state = query_of(await house.begin("graph", return_to="start"))["state"]
    page = await told(house.person.http, {"error": error, "error_description": "Anna said no", "state": state})
    assert page == {"problem": problem, "return_to": "start", "provider": "graph"}


@pytest.mark.parametrize("scope", [READ, COMPOSE])
async def test_a_scope_that_was_deselected(accounts: Accounts, house: House, scope: str) -> None:
    accounts.google.google.withheld = {scope}
    assert (await house.connect("gmail", accounts.next()))["problem"] == "scope_deselected"


async def test_without_a_lasting_grant_there_is_no_mailbox(accounts: Accounts, house: House) -> None:
    """Google keeps it back from who has not asked for offline access."""
    login_url = (await house.begin("gmail")).replace("access_type=offline", "access_type=online")
    url = await consent(login_url, accounts.next())
    assert (await came_back(house.person, url))["problem"] == "no_refresh_token"


@pytest.mark.parametrize("fault", [server_error(), throttled(3)])
async def test_the_provider_is_in_trouble(accounts: Accounts, house: House, fault: Any) -> None:
    accounts.google.google.faults.plan("POST", "/token$", fault)
    assert (await house.connect("gmail", accounts.next()))["problem"] == "provider_unavailable"
    accounts.google.google.faults.plan("GET", "/profile$", fault)
    assert (await house.connect("gmail", accounts.next()))["problem"] == "provider_unavailable"


async def test_what_the_plan_does_not_allow(accounts: Accounts, api: ConfigApiServer, house: House) -> None:
    url = await consent(await house.begin("gmail"), accounts.next())
    await sql(api, "UPDATE config.plan SET max_mailboxes = 0")
    assert (await came_back(house.person, url))["problem"] == "plan_limit_reached"
    body = {"provider": "gmail", "assistant_id": house.assistant}
    refused = await house.person.http.post(f"{house.path}/mailbox-providers/connect", json=body)
    assert (refused.status_code, refused.json()["reason"]) == (409, "plan_limit_reached")


async def test_to_others_the_organisation_does_not_exist(api: ConfigApiServer, house: House) -> None:
    berta = await a_person(api, "berta")
    body = {"provider": "gmail", "assistant_id": house.assistant}
    refused = await berta.http.post(f"{house.path}/mailbox-providers/connect", json=body)
    assert (refused.status_code, refused.json()["reason"]) == (404, "organisation_unknown")
    assert (await berta.http.get(f"{house.path}/mailbox-providers")).status_code == 404
    other = await a_house(berta)
    refused = await berta.http.post(f"{other.path}/mailbox-providers/connect", json=body)
    assert (refused.status_code, refused.json()["reason"]) == (404, "assistant_unknown")


async def test_only_people_can_connect(api: ConfigApiServer, house: House) -> None:
    key = await house.person.http.post(f"{house.path}/api-keys", json={"name": "Kasse", "scopes": ["read", "write"]})
    body = {"provider": "gmail", "assistant_id": house.assistant}
    for token in (key.json()["key"], api.http.headers["authorization"].removeprefix("Bearer ")):
        headers = {"Authorization": f"Bearer {token}"}
        refused = await a_browser(api).post(f"{house.path}/mailbox-providers/connect", json=body, headers=headers)
        assert (refused.status_code, refused.json()["reason"]) == (403, "people_only")


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"provider": "gmail"}, 422, "assistant_or_mailbox"),
        ({"provider": "gmail", "assistant_id": "A", "team_mailbox": "info@haus.example"}, 422, "no_team_mailboxes"),
        ({"provider": "gmail", "assistant_id": "A", "mailbox_id": "A"}, 422, "assistant_or_mailbox"),
        ({"provider": "graph", "mailbox_id": "A"}, 404, "mailbox_unknown"),
        ({"provider": "yahoo", "assistant_id": "A"}, 422, "not_valid"),
        ({"provider": "gmail", "assistant_id": "A", "return_to": "https://evil.example"}, 422, "not_valid"),
    ],
)
async def test_what_makes_no_sense(house: House, body: dict[str, str], status: int, reason: str) -> None:
    filled = {name: house.assistant if value == "A" else value for name, value in body.items()}
    refused = await house.person.http.post(f"{house.path}/mailbox-providers/connect", json=filled)
    assert (refused.status_code, refused.json()["reason"]) == (status, reason)


async def test_an_administrators_consent_comes_back_to_a_page(house: House) -> None:
    assert await told(house.person.http, {"admin_consent": "True", "tenant": "1"}) == {"consent": "given"}
    refused = {"admin_consent": "True", "error": "access_denied"}
    assert await came_back(house.person, f"{CALLBACK}?" + "&".join(f"{k}={v}" for k, v in refused.items())) == {
        "consent": "refused"
    }
