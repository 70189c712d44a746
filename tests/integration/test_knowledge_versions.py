"""Every change of knowledge is kept, and can be taken back as long as nobody has changed the same since."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from config_api.knowledge import history
from drafter.handlers import Handlers
from shared.bus.embedded import EmbeddedBus
from shared.bus.seam import Subscription
from shared.events import ConfigChanged, DraftProposed, MessageReceived
from shared.mail import Address, Mail
from shared.sealing import NoContent
from shared.tasks import background
from tests.servers.config_api import ConfigApiServer, Resource, running_config_api
from tests.servers.postgres import Postgres

MOST_SECONDS = 2.0
QUESTION = "Gibt es Parkplätze am Haus?"
MANY = [{"question": f"Was kostet Zimmer {n}?", "answer": f"Zimmer {n} kostet {n} Euro."} for n in range(2000)]


@pytest.fixture
async def api(postgres: Postgres, database: str) -> AsyncGenerator[ConfigApiServer]:
    async with running_config_api(postgres, database) as server:
        yield server


@pytest.fixture
async def anna(api: ConfigApiServer) -> Resource:
    return await api.an_assistant()


async def get(anna: Resource, path: str = "", **query: Any) -> Any:
    response = await anna.api.http.get(f"{anna.path}/knowledge{path}", params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def undo(anna: Resource, change_set: str) -> httpx2.Response:
    return await anna.api.http.post(f"{anna.path}/knowledge/changes/{change_set}/undo")


async def undone(anna: Resource, change_set: str) -> Any:
    response = await undo(anna, change_set)
    assert response.status_code == 201, response.text
    return response.json()


async def texts(anna: Resource, **query: Any) -> list[tuple[str, str]]:
    return [(entry["question"], entry["answer"]) for entry in (await get(anna, **query))["items"]]


async def test_every_change_is_listed_with_what_was_before(anna: Resource) -> None:
    entry = await anna.entry("Gibt es Parkplätze?", "Ja, vier.")
    path = f"/{entry['id']}"
    await anna.api.change(f"{anna.path}/knowledge{path}", answer="Ja, sechs.", tags=["Anreise"])
    await anna.api.http.delete(f"{anna.path}/knowledge{path}")
    sets = (await get(anna, "/changes"))["items"]
    assert [(each["added"], each["changed"], each["removed"]) for each in sets] == [(0, 0, 1), (0, 1, 0), (1, 0, 0)]
    assert {(each["kind"], each["actor"]) for each in sets} == {("edit", "operator-token")}
    (change,) = (await get(anna, f"/changes/{sets[1]['id']}"))["items"]
    assert (change["before"]["answer"], change["after"]["answer"]) == ("Ja, vier.", "Ja, sechs.")
    versions = (await get(anna, f"{path}/versions"))["items"]
    assert [each["change_set"]["id"] for each in versions] == [each["id"] for each in sets]
    assert [(each["before"] is None, each["after"] is None) for each in versions] == [
        (False, True),
        (False, False),
        (True, False),
    ]


async def test_a_change_that_changes_nothing_is_none(anna: Resource) -> None:
    entry = await anna.entry("Gibt es Parkplätze?", "Ja, vier.")
    await anna.api.change(f"{anna.path}/knowledge/{entry['id']}", answer="Ja, vier.")
    assert len((await get(anna, "/changes"))["items"]) == 1


async def test_pages_of_changes_and_of_versions_give_each_once(anna: Resource) -> None:
    entry = await anna.entry("Frage", "0")
    for number in range(1, 5):
        await anna.api.change(f"{anna.path}/knowledge/{entry['id']}", answer=str(number))
    answers: list[str] = []
    for path in ("/changes", f"/{entry['id']}/versions"):
        seen: list[str] = []
        query: dict[str, Any] = {"limit": 2}
        for _ in range(3):
            page = await get(anna, path, **query)
            seen += [each.get("id") or each["change_set"]["id"] for each in page["items"]]
            answers += [each["after"]["answer"] for each in page["items"] if "after" in each]
            query["cursor"] = page["next_cursor"]
        assert len(set(seen)) == len(seen) == 5
        assert query["cursor"] is None
    assert answers == ["4", "3", "2", "1", "0"]


async def test_a_set_of_many_is_paged_too(anna: Resource) -> None:
    await anna.api.add(f"{anna.path}/knowledge/bulk", entries=[{"answer": f"{n}"} for n in range(5)])
    (made,) = (await get(anna, "/changes"))["items"]
    first = await get(anna, f"/changes/{made['id']}", limit=3)
    second = await get(anna, f"/changes/{made['id']}", limit=3, cursor=first["next_cursor"])
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (3, 2, None)
    assert {each["after"]["answer"] for each in first["items"] + second["items"]} == set("01234")


@pytest.mark.parametrize("what", ["create", "change", "delete", "bulk"])
async def test_everything_can_be_undone_and_that_again(anna: Resource, what: str) -> None:
    entry = await anna.entry("Gibt es Parkplätze?", "Ja, vier.")
    path = f"{anna.path}/knowledge/{entry['id']}"
    before = await texts(anna)
    if what == "create":
        await anna.entry("Gibt es Frühstück?", "Ja.")
    elif what == "bulk":
        await anna.api.add(f"{anna.path}/knowledge/bulk", entries=[{"answer": f"{n}"} for n in range(20)])
    elif what == "change":
        await anna.api.change(path, answer="Nein.", examples=["Wo parken?"], valid_from="2026-01-01")
    else:
        await anna.api.http.delete(path)
    after = await texts(anna)
    assert after != before
    last = (await get(anna, "/changes"))["items"][0]
    first_undo = await undone(anna, last["id"])
    assert (first_undo["kind"], first_undo["undoes"]) == ("undo", last["id"])
    assert await texts(anna) == before
    assert (await get(anna, f"/{entry['id']}")) | {"updated_at": ""} == entry | {"updated_at": ""}
    second_undo = await undone(anna, first_undo["id"])
    assert await texts(anna) == after
    await undone(anna, second_undo["id"])
    assert await texts(anna) == before


async def test_what_was_changed_since_is_not_overwritten_and_is_named(anna: Resource) -> None:
    made = await anna.api.add(f"{anna.path}/knowledge/bulk", entries=[{"answer": f"{n}"} for n in range(5)])
    (bulk,) = (await get(anna, "/changes"))["items"]
    await anna.api.change(f"{anna.path}/knowledge/{made[2]['id']}", answer="von Hand")
    before = await texts(anna)
    response = await undo(anna, bulk["id"])
    assert (response.status_code, response.json()["reason"]) == (409, "entry_changed_since")
    assert [error["field"] for error in response.json()["errors"]] == [f"entries.{made[2]['id']}"]
    assert await texts(anna) == before
    await anna.api.change(f"{anna.path}/knowledge/{made[2]['id']}", answer="2")
    await undone(anna, bulk["id"])
    assert await texts(anna) == []


async def test_nobody_undoes_what_is_another_assistants(api: ConfigApiServer, anna: Resource) -> None:
    other = await api.an_assistant("Pension Bergblick")
    sister = Resource(api, anna.organisation, (await api.add(f"{anna.organisation}/assistants", name="Berta"))["id"])
    entry = await anna.entry("Gibt es Parkplätze?")
    (made,) = (await get(anna, "/changes"))["items"]
    for stranger in (other, sister):
        response = await undo(stranger, made["id"])
        assert (response.status_code, response.json()["reason"]) == (404, "knowledge_change_set_unknown")
        for path in (f"/changes/{made['id']}", f"/{entry['id']}/versions"):
            assert (await api.http.get(f"{stranger.path}/knowledge{path}")).status_code == 404
    response = await undo(anna, str(uuid4()))
    assert response.json()["reason"] == "knowledge_change_set_unknown"
    assert len(await texts(anna)) == 1


@pytest.mark.parametrize("gone", ["assistant", "organisation"])
async def test_with_its_owner_every_version_is_gone_from_the_tables(anna: Resource, gone: str) -> None:
    entry = await anna.entry("Gibt es Parkplätze?", "Streng vertraulich")
    await anna.api.change(f"{anna.path}/knowledge/{entry['id']}", answer="Anders", tags=["Geheimtipp"])
    await anna.api.http.delete(anna.path if gone == "assistant" else anna.organisation)
    async with anna.api.service.database.service() as session:
        connection = await session.connection()
        for table in ("knowledge_change", "knowledge_change_set", "knowledge_entry"):
            rows = (await connection.exec_driver_sql(f"SELECT t::text FROM config.{table} t")).scalars().all()
            assert len(rows) == (table == "knowledge_entry")
            assert not [row for row in rows if "vertraulich" in row or "Geheimtipp" in row or "Anders" in row]


async def test_the_text_of_a_deleted_entry_is_only_where_it_is_forgotten_by_age(anna: Resource) -> None:
    entry = await anna.entry("Gibt es Parkplätze?", "Streng vertraulich")
    await anna.api.http.delete(f"{anna.path}/knowledge/{entry['id']}")
    async with anna.api.service.database.tenant(UUID(anna.organisation_id)) as session:
        connection = await session.connection()
        rows = (await connection.exec_driver_sql("SELECT t::text FROM config.knowledge_entry t")).scalars().all()
        assert "vertraulich" not in str(rows)
        await history.forget_before(session, datetime(2020, 1, 1, tzinfo=UTC))
        assert len((await connection.exec_driver_sql("SELECT 1 FROM config.knowledge_change")).all()) == 2
        await history.forget_before(session, datetime.now(UTC))
        assert (await connection.exec_driver_sql("SELECT 1 FROM config.knowledge_change")).all() == []


async def test_search_finds_words_wherever_they_are(anna: Resource) -> None:
    values = {
        "question": {"question": "Kann ich parken?", "answer": "a"},
        "answer": {"question": "b", "answer": "Sie parken vor dem Haus."},
        "examples": {"question": "c", "answer": "c", "examples": ["Anreise", "Wo kann man PARKEN?"]},
        "tags": {"question": "d", "answer": "d", "tags": ["Parken", "100%"]},
        "none": {"question": "e", "answer": "e"},
    }
    await anna.api.add(f"{anna.path}/knowledge/bulk", entries=list(values.values()))
    assert [question for question, _ in await texts(anna, q="parken")] == ["Kann ich parken?", "b", "c", "d"]
    assert [question for question, _ in await texts(anna, q="anreise parken")] == ["c"]
    assert [question for question, _ in await texts(anna, q="100%")] == ["d"]
    assert await texts(anna, q="100_") == []


async def test_filters_by_tag_language_and_day(anna: Resource) -> None:
    summer = {"valid_from": "2026-05-01", "valid_until": "2026-09-30"}
    entries = [
        {"question": "Sommer", "answer": "x", **summer, "tags": ["Preise", "Saison"]},
        {"question": "immer", "answer": "x", "tags": ["Preise"]},
        {"question": "always", "answer": "x", "language": "en"},
    ]
    await anna.api.add(f"{anna.path}/knowledge/bulk", entries=entries)

    async def found(**query: str) -> list[str]:
        return [question for question, _ in await texts(anna, **query)]

    assert await found(tag="Preise") == ["Sommer", "immer"]
    assert await found(tag="Preis") == []
    assert await found(language="en") == ["always"]
    for day, has in (("2026-04-30", 0), ("2026-05-01", 1), ("2026-09-30", 1), ("2026-10-01", 0)):
        assert ("Sommer" in await found(valid_on=day)) == bool(has), day
    assert await found(tag="Preise", valid_on="2026-12-24", language="de") == ["immer"]


async def test_a_change_reaches_the_drafter_within_two_seconds(postgres: Postgres, api: ConfigApiServer) -> None:
    """Over the outbox and a real bus, to the very next draft; also with an import of many."""
    anna = await api.an_assistant()
    mailbox = await anna.mailbox()
    entry = await anna.entry(QUESTION, "Es gibt vier Parkplätze am Haus.")
    asked = a_mail_about(anna, mailbox["id"])
    async with drafting(postgres, api) as drafter:
        await until_drafted_with("vier Parkplätze", drafter, asked)
        began = time.monotonic()
        await api.change(f"{anna.path}/knowledge/{entry['id']}", answer="Es gibt sechs Parkplätze am Haus.")
        await until_drafted_with("sechs Parkplätze", drafter, asked)
        changed = time.monotonic() - began
        await imported(anna, [{"question": QUESTION, "answer": "Es gibt neun Parkplätze am Haus."}, *MANY])
        began = time.monotonic()
        await until_drafted_with("neun Parkplätze", drafter, asked)
        after_import = time.monotonic() - began
    assert changed < MOST_SECONDS
    assert after_import < MOST_SECONDS


@asynccontextmanager
async def drafting(postgres: Postgres, api: ConfigApiServer) -> AsyncGenerator[Handlers]:
    """A drafter that hears of changes as the one-machine run's does."""
    bus = EmbeddedBus(postgres.url(api.database, "asyncpg"), NoContent(), workers={"drafter-config": 1})

    async def hand_on() -> None:
        while True:
            await bus.publish(await api.published.get())

    async with api.client() as client, background(hand_on(), name="hand-on"):
        handlers = Handlers(client, None)
        bus.subscribe(Subscription(ConfigChanged, "drafter-config", handlers.config_changed))
        await client.refresh()
        await bus.start()
        try:
            yield handlers
        finally:
            await bus.stop()


async def imported(anna: Resource, entries: list[dict[str, str]]) -> None:
    path = f"{anna.path}/knowledge/import"
    preview = await anna.api.http.post(f"{path}/preview", json={"entries": entries}, timeout=30)
    body = {"entries": entries, "digest": preview.json()["digest"]}
    response = await anna.api.http.post(path, json=body, timeout=30)
    assert response.status_code == 200, response.text


def a_mail_about(anna: Resource, mailbox_id: str) -> MessageReceived:
    mail = Mail(
        message_id="<a@example.org>",
        sender=Address(name="Max Muster", address="max@example.org"),
        to=(Address(address="info@hotel-seeblick.example"),),
        subject=QUESTION,
        text=QUESTION,
        body=QUESTION,
    )
    return MessageReceived.model_validate(
        {
            "organisation_id": anna.organisation_id,
            "mailbox_id": mailbox_id,
            "assistant_id": anna.id,
            "message_id": uuid4(),
            "received_at": datetime.now(UTC),
            "mail": mail,
        }
    )


async def until_drafted_with(words: str, handlers: Handlers, asked: MessageReceived) -> None:
    deadline = time.monotonic() + 5 * MOST_SECONDS
    while True:
        proposal = await handlers.draft(asked)
        if isinstance(proposal, DraftProposed) and words in proposal.draft.body:
            return
        assert time.monotonic() < deadline, "the drafter has not heard of it"
        await asyncio.sleep(0.02)
