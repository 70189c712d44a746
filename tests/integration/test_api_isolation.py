"""Whatever the API has, a stranger with the right ids gets nothing of it: every operation of the OpenAPI document."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.servers.config_api import ConfigApiServer
from tests.servers.person import Person, a_person
from tests.servers.postgres import Postgres

# What everybody may do, logged in or not.
OPEN = ("/auth", "/newsletter", "/site", "/starting-points")
# What has an id of its own in no organisation: sessions and exports are a person's, the rest an operator's.
NOT_AN_ORGANISATIONS = ("/account", "/operator", *OPEN)
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
async def berta(api: ConfigApiServer) -> Person:
    return await a_person(api, "berta")


async def add(person: Person, path: str, **body: Any) -> Any:
    response = await person.http.post(path, json=body)
    assert response.status_code == 201, response.text
    return response.json()


async def what_she_has(person: Person) -> dict[str, str]:
    """An organisation with one of each, as the values of path parameters."""
    organisation = (await add(person, "/organisations", name=f"Haus {person.user_name}"))["id"]
    path = f"/organisations/{organisation}"
    assistant = (await add(person, f"{path}/assistants", name="Anna"))["id"]
    imap = {"host": "127.0.0.1", "port": 1143, "security": "none", "username": person.user_name, "password": "geheim"}
    mailbox = await add(
        person, f"{path}/mailboxes", assistant_id=assistant, address=f"{person.user_name}@haus.example", imap=imap
    )
    entry = await add(
        person, f"{path}/assistants/{assistant}/knowledge", question="Wann gibt es Frühstück?", answer="Ab sieben."
    )
    key = await add(person, f"{path}/api-keys", name="Kasse", scopes=["read"])
    invitation = await add(person, f"{path}/invitations", email=f"neu-{person.user_name}@haus.example", role="member")
    return {
        "organisation_id": organisation,
        "assistant_id": assistant,
        "mailbox_id": mailbox["id"],
        "entry_id": entry["id"],
        "key_id": key["id"],
        "api_key_id": key["id"],
        "invitation_id": invitation["id"],
        "account_id": person.account_id,
    }


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path.removeprefix("/api/v1"), item[method]


def of_organisations(document: Any) -> list[tuple[str, str]]:
    """Not the operator's part, which has all of them."""
    everything = [(method, path) for method, path, _ in operations(document)]
    return [(m, path) for m, path in everything if path.startswith("/organisations/{organisation_id}")]


async def ask(person: Person, method: str, path: str, values: dict[str, str]) -> tuple[int, str]:
    filled = path.format_map(Anything(values))
    response = await person.http.request(
        method.upper(), filled, json={} if method in ("post", "put", "patch") else None
    )
    return response.status_code, f"{method} {path}: {response.text[:200]}"


class Anything(dict[str, str]):
    """A parameter that nobody has a value for: an id that does not exist, or a month."""

    def __missing__(self, name: str) -> str:
        return "2026-01" if name == "month" else str(uuid4())


async def test_every_operation_belongs_to_somebody(api: ConfigApiServer) -> None:
    document = (await api.http.get(f"{api.url}/openapi.json")).json()
    free = [
        path
        for _, path, _ in operations(document)
        if "{organisation_id}" not in path and not path.startswith(NOT_AN_ORGANISATIONS)
    ]
    assert set(free) <= {"/organisations", "/invitations/accept"}
    assert len(of_organisations(document)) > 20


async def test_a_stranger_finds_nothing_under_another_organisation(
    api: ConfigApiServer, anna: Person, berta: Person
) -> None:
    document = (await api.http.get(f"{api.url}/openapi.json")).json()
    hers = await what_she_has(anna)
    await what_she_has(berta)
    found = [await ask(berta, method, path, hers) for method, path in of_organisations(document)]
    assert [text for status, text in found if status != 404] == []


async def test_a_strangers_id_is_not_found_in_ones_own_organisation(
    api: ConfigApiServer, anna: Person, berta: Person
) -> None:
    """The ids below the organisation's are checked as well."""
    document = (await api.http.get(f"{api.url}/openapi.json")).json()
    hers, mine = await what_she_has(anna), await what_she_has(berta)
    mixed = hers | {"organisation_id": mine["organisation_id"]}
    nested = [(method, path) for method, path in of_organisations(document) if path.count("{") > 1]
    assert len(nested) > 10
    found = [await ask(berta, method, path, mixed) for method, path in nested]
    # An answer of 422 says that the body was looked at first, and nothing of what there is.
    assert [text for status, text in found if status not in (404, 422)] == []
    assert (await anna.http.get(f"/organisations/{hers['organisation_id']}/members")).json() != []


async def test_below_an_organisation_it_is_the_database_that_says_no(
    postgres: Postgres, api: ConfigApiServer, anna: Person, berta: Person
) -> None:
    """With its policies opened, another's ids are found: it was no check of the application's that held above."""
    hers, mine = await what_she_has(anna), await what_she_has(berta)
    mixed = hers | {"organisation_id": mine["organisation_id"]}
    below = "/organisations/{organisation_id}"
    paths = (f"{below}/assistants/{{assistant_id}}", f"{below}/mailboxes/{{mailbox_id}}")
    paths += (f"{paths[0]}/knowledge/{{entry_id}}",)
    closed = [await ask(berta, "get", path, mixed) for path in paths]
    assert [status for status, _ in closed] == [404] * len(paths)
    for table in ("assistant", "mailbox", "knowledge_entry"):
        postgres.execute(f"DROP POLICY tenant ON config.{table}", api.database)
        postgres.execute(f"CREATE POLICY everybody ON config.{table} TO kinamik_tenant USING (true)", api.database)
    opened = [await ask(berta, "get", path, mixed) for path in paths]
    assert [text for status, text in opened if status != 200] == []


async def test_only_operators_have_the_operators_part(api: ConfigApiServer, anna: Person) -> None:
    document = (await api.http.get(f"{api.url}/openapi.json")).json()
    theirs = [(method, path) for method, path, _ in operations(document) if path.startswith("/operator")]
    assert len(theirs) > 3
    found = [await ask(anna, method, path, {}) for method, path in theirs]
    assert [text for status, text in found if status != 403] == []


async def test_without_a_cookie_there_is_nothing_but_the_way_in(api: ConfigApiServer, anna: Person) -> None:
    document = (await api.http.get(f"{api.url}/openapi.json")).json()
    hers = await what_she_has(anna)
    anna.http.cookies.clear()
    closed = [(method, path) for method, path, _ in operations(document) if not path.startswith(OPEN)]
    found = [await ask(anna, method, path, hers) for method, path in closed]
    assert [text for status, text in found if status != 401] == []
