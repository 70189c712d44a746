"""An assistant from a starting point: all at once, and its knowledge taken back as one."""

from typing import Any

import pytest

from config_api.starting_points.service import load
from tests.servers.config_api import ConfigApiServer
from tests.servers.person import a_browser, a_person


@pytest.fixture
async def organisation(api: ConfigApiServer) -> str:
    return f"/organisations/{(await api.add('/organisations', name='Betrieb'))['id']}"


async def entries(api: ConfigApiServer, path: str) -> list[Any]:
    return (await api.http.get(f"{path}/knowledge", params={"limit": 500})).json()["items"]


async def test_everybody_may_look(api: ConfigApiServer) -> None:
    browser = a_browser(api)
    listed = (await browser.get("/starting-points", params={"language": "en"})).json()["items"]
    assert [each["key"] for each in listed] == ["hotel", "craft", "property", "shop", "support", "practice"]
    assert listed[0] == {
        "key": "hotel",
        "name": "Hotel and guest house",
        "description": load("hotel", "en").description,
        "entries": len(load("hotel", "en").knowledge),
    }
    german = await browser.get("/starting-points", headers={"Accept-Language": "de-DE"})
    assert german.json()["items"][1]["name"] == "Handwerksbetrieb"
    mails = (await browser.get("/starting-points/shop/mails", params={"language": "de"})).json()["items"]
    assert [set(mail) for mail in mails] == [{"subject", "from_name", "from_address", "body"}] * 3
    assert (await browser.get("/starting-points/nichts/mails")).status_code == 422


async def test_it_brings_its_knowledge_in_one_revision(api: ConfigApiServer, organisation: str) -> None:
    before = (await api.internal("/config"))["revision"]
    made = await api.add(f"{organisation}/assistants", name="Anna", starting_point="craft", starting_language="en")
    start = load("craft", "en")
    assert (await api.internal("/config"))["revision"] == before + 1
    assert made["instructions"] == start.instructions
    path = f"{organisation}/assistants/{made['id']}"
    found = await entries(api, path)
    assert [entry["question"] for entry in found] == [entry.question for entry in start.knowledge]
    assert {entry["language"] for entry in found} == {"en"}
    snapshot = await api.internal(f"/assistants/{made['id']}/knowledge")
    assert (snapshot["knowledge_revision"], len(snapshot["entries"])) == (before + 1, len(found))


async def test_it_is_taken_back_as_one(api: ConfigApiServer, organisation: str) -> None:
    made = await api.add(f"{organisation}/assistants", name="Anna", starting_point="hotel")
    path = f"{organisation}/assistants/{made['id']}"
    (change,) = (await api.http.get(f"{path}/knowledge/changes")).json()["items"]
    assert (change["kind"], change["added"]) == ("import", len(load("hotel", "de").knowledge))
    await api.add(f"{path}/knowledge/changes/{change['id']}/undo")
    assert await entries(api, path) == []


async def test_what_the_owner_wrote_wins(api: ConfigApiServer, organisation: str) -> None:
    made = await api.add(f"{organisation}/assistants", name="Anna", starting_point="shop", instructions="Kurz.")
    assert made["instructions"] == "Kurz."


async def test_without_one_it_is_empty(api: ConfigApiServer, organisation: str) -> None:
    made = await api.add(f"{organisation}/assistants", name="Anna", starting_point=None)
    assert made["instructions"] == ""
    assert await entries(api, f"{organisation}/assistants/{made['id']}") == []


async def test_where_there_is_no_room_nothing_comes(api: ConfigApiServer) -> None:
    anna = await a_person(api, "anna")
    path = f"/organisations/{(await anna.http.post('/organisations', json={'name': 'Haus'})).json()['id']}/assistants"
    answers = [await anna.http.post(path, json={"name": name, "starting_point": "hotel"}) for name in ("Anna", "Berta")]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["reason"] == "plan_limit_reached"


async def test_what_there_is_not_is_refused(api: ConfigApiServer, organisation: str) -> None:
    for values in ({"starting_point": "bank"}, {"starting_point": "hotel", "starting_language": "fr"}):
        response = await api.http.post(f"{organisation}/assistants", json={"name": "Anna"} | values)
        assert response.status_code == 422
