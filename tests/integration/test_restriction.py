"""Restriction of processing: everything stops, nothing is lost, and what came meanwhile gets no draft later."""

from datetime import datetime
from typing import Any

import pytest

from shared.config_client import ConfigClient
from tests.servers.config_api import ConfigApiServer, Resource
from tests.servers.person import Person, a_person


async def an_owner(api: ConfigApiServer) -> tuple[Person, Resource, dict[str, Any]]:
    """With an organisation that has an assistant and a mailbox."""
    anna = await a_person(api)
    path = f"/organisations/{(await anna.http.post('/organisations', json={'name': 'Hotel'})).json()['id']}"
    assistant = (await anna.http.post(f"{path}/assistants", json={"name": "Anna"})).json()
    owner = Resource(api, path, assistant["id"])
    return anna, owner, await owner.mailbox()


async def active(client: ConfigClient) -> bool:
    """What the services go by, right before they do anything."""
    await client.refresh()
    return bool(client.active_mailboxes())


async def test_a_restricted_organisation_counts_as_switched_off(api: ConfigApiServer) -> None:
    anna, owner, mailbox = await an_owner(api)
    async with api.client() as client:
        assert await active(client)
        restricted = (await anna.http.put(f"{owner.organisation}/restriction")).json()
        assert restricted["restricted_at"] is not None
        assert restricted["active"] is True
        assert not await active(client)
        assert (await anna.http.get(f"{owner.organisation}/mailboxes/{mailbox['id']}")).status_code == 200
        lifted = (await anna.http.delete(f"{owner.organisation}/restriction")).json()
        assert lifted["restricted_at"] is None
        assert await active(client)


async def test_what_arrived_meanwhile_gets_no_draft(api: ConfigApiServer) -> None:
    anna, owner, mailbox = await an_owner(api)
    restricted = (await anna.http.put(f"{owner.organisation}/restriction")).json()
    await anna.http.delete(f"{owner.organisation}/restriction")
    since = (await anna.http.get(f"{owner.organisation}/mailboxes/{mailbox['id']}")).json()["watch_since"]
    assert datetime.fromisoformat(since) > datetime.fromisoformat(restricted["restricted_at"])


async def test_twice_is_as_once(api: ConfigApiServer) -> None:
    anna, owner, _ = await an_owner(api)
    first, second = [(await anna.http.put(f"{owner.organisation}/restriction")).json() for _ in range(2)]
    assert first["restricted_at"] == second["restricted_at"]
    for _ in range(2):
        assert (await anna.http.delete(f"{owner.organisation}/restriction")).status_code == 200


async def test_its_own_switch_does_not_lift_it(api: ConfigApiServer) -> None:
    anna, owner, _ = await an_owner(api)
    await anna.http.put(f"{owner.organisation}/restriction")
    async with api.client() as client:
        for on in (False, True):
            assert (await anna.http.patch(owner.organisation, json={"active": on})).status_code == 200
            assert not await active(client)


async def test_data_can_still_be_read_and_rectified(api: ConfigApiServer) -> None:
    anna, owner, _ = await an_owner(api)
    entry = await owner.entry("Gibt es Parkplätze?")
    await anna.http.put(f"{owner.organisation}/restriction")
    path = f"{owner.path}/knowledge/{entry['id']}"
    assert (await anna.http.patch(path, json={"answer": "Nein."})).status_code == 200
    assert (await anna.http.get(path)).json()["answer"] == "Nein."


async def test_the_operator_may_restrict_too_and_strangers_may_not(api: ConfigApiServer) -> None:
    _, owner, _ = await an_owner(api)
    ben = await a_person(api, "bernd")
    assert (await ben.http.put(f"{owner.organisation}/restriction")).status_code == 404
    assert (await api.http.put(f"{owner.organisation}/restriction")).json()["restricted_at"] is not None
    assert (await api.http.delete(f"{owner.organisation}/restriction")).json()["restricted_at"] is None


async def test_a_restricted_person_sees_to_the_own_account_only(api: ConfigApiServer) -> None:
    anna, owner, _ = await an_owner(api)
    assert (await anna.http.put("/account/restriction")).json()["restricted_at"] is not None
    for method, path in (("GET", "/organisations"), ("GET", owner.organisation), ("POST", "/organisations")):
        answer = await anna.http.request(method, path, json={"name": "Neu"} if method == "POST" else None)
        assert (answer.status_code, answer.json()["reason"]) == (403, "processing_restricted")
    assert (await anna.http.get("/account")).status_code == 200
    assert (await anna.http.patch("/account", json={"first_name": "Anna"})).status_code == 200
    assert (await anna.http.post("/account/export")).status_code == 202
    assert (await anna.http.delete("/account/restriction")).json()["restricted_at"] is None
    assert (await anna.http.get(owner.organisation)).status_code == 200


@pytest.mark.parametrize("undone", [True, False])
async def test_a_deletion_stops_everything_at_once_and_can_be_undone(api: ConfigApiServer, undone: bool) -> None:
    anna, owner, _ = await an_owner(api)
    answer = await anna.http.delete(owner.organisation)
    assert answer.status_code == 202
    assert answer.json()["erase_at"] is not None
    async with api.client() as client:
        assert not await active(client)
        assert (await anna.http.delete(owner.organisation)).json()["erase_at"] == answer.json()["erase_at"]
        if undone:
            assert (await anna.http.delete(f"{owner.organisation}/erasure")).json()["erase_at"] is None
            assert (await anna.http.delete(f"{owner.organisation}/erasure")).status_code == 409
        assert await active(client) == undone
