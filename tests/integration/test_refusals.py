"""What somebody was refused for want of a right is in the security log, but not as often as they ask."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from config_api.security.refusals import EVERY_SECONDS, KEPT, REASONS, Refusals
from shared.events import AuditRecorded
from tests.integration.test_api_keys import a_key, with_key
from tests.integration.test_members import House, a_house
from tests.problems import is_problem
from tests.servers.config_api import ConfigApiServer
from tests.servers.person import Person, a_browser, a_person
from tests.servers.postgres import Postgres

MANY = 30


@pytest.fixture
async def house(anna: Person) -> House:
    return await a_house(anna)


@pytest.fixture
async def bert(api: ConfigApiServer) -> Person:
    return await a_person(api, "bert")


async def noted(api: ConfigApiServer) -> list[AuditRecorded]:
    """The refusals in the security log."""
    return [event for event in await api.recorded() if event.outcome in REASONS]


def told(event: AuditRecorded) -> tuple[str, str, str, str, str]:
    organisation = str(event.organisation_id) if event.organisation_id else ""
    return event.actor, event.action, event.outcome, event.subject, organisation


async def test_a_strangers_attempts_are_noted_once(api: ConfigApiServer, house: House, bert: Person) -> None:
    for _ in range(MANY):
        is_problem(await bert.http.get(house.path), 404, "organisation_unknown")
    is_problem(await bert.http.get("/operator/accounts"), 403, "operators_only")
    first, second = sorted(await noted(api), key=lambda event: event.outcome)
    assert told(first) == (bert.account_id, "list_accounts", "operators_only", "", "")
    assert told(second) == (bert.account_id, "get_organisation", "organisation_unknown", house.id, "")
    assert first.address == second.address == "127.0.0.1"


async def test_members_and_keys_are_noted_with_their_organisation(
    api: ConfigApiServer, anna: Person, house: House, bert: Person
) -> None:
    await house.add(bert)
    is_problem(await bert.http.delete(house.path), 403, "owners_only")
    key = await a_key(anna, house.path, "read")
    async with with_key(api, key["key"]) as program:
        is_problem(await program.post(f"{house.path}/assistants", json={"name": "Anna"}), 403, "scope_missing")
        is_problem(await program.get("/account"), 403, "people_only")
    assert {told(event) for event in await noted(api)} == {
        (bert.account_id, "delete_organisation", "owners_only", house.id, house.id),
        (f"key {key['id']}", "create_assistant", "scope_missing", house.id, house.id),
        (f"key {key['id']}", "get_account", "people_only", "", ""),
    }


async def test_another_sites_page_is_noted_with_whose_cookie_it_had(api: ConfigApiServer, anna: Person) -> None:
    elsewhere = {"Origin": "https://evil.example"}
    is_problem(await anna.http.post("/organisations", json={"name": "x"}, headers=elsewhere), 403, "origin_not_allowed")
    assert [told(event) for event in await noted(api)] == [
        (anna.account_id, "create_organisation", "origin_not_allowed", "", "")
    ]


async def test_what_is_no_refusal_is_not_noted(api: ConfigApiServer, house: House) -> None:
    is_problem(await house.owner.http.get(f"{house.path}/assistants/{uuid4()}"), 404, "assistant_unknown")
    is_problem(await api.http.get(f"/organisations/{uuid4()}"), 404, "organisation_unknown")
    is_problem(await a_browser(api).get(house.path), 401, "login_required")
    assert await noted(api) == []


async def test_a_database_that_refuses_changes_no_answer(
    postgres: Postgres, api: ConfigApiServer, house: House, bert: Person
) -> None:
    with no_room_in_the_outbox(postgres, api):
        is_problem(await bert.http.get(house.path), 404, "organisation_unknown")
    assert await noted(api) == []


@contextmanager
def no_room_in_the_outbox(postgres: Postgres, api: ConfigApiServer) -> Iterator[None]:
    rule = "ALTER TABLE config.config_outbox {} CONSTRAINT full_up"
    postgres.execute(rule.format("ADD") + " CHECK (false) NOT VALID", api.database)
    yield
    postgres.execute(rule.format("DROP"), api.database)


async def test_after_ten_minutes_it_is_noted_again_and_little_is_remembered(api: ConfigApiServer) -> None:
    now = 0.0
    refusals = Refusals(api.service.database, clock=lambda: now)
    assert [refusals.is_due("bert", "owners_only") for _ in range(3)] == [True, False, False]
    now = EVERY_SECONDS
    assert refusals.is_due("bert", "owners_only")
    for n in range(KEPT * 2):
        refusals.is_due(str(n), "owners_only")
    assert len(refusals) == KEPT
