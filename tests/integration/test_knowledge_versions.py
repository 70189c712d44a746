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
from tests.servers.config_api import ConfigApiServer, Resource
from tests.servers.postgres import Postgres

MOST_SECONDS = 2.0
QUESTION = "Gibt es Parkplätze am Haus?"
MANY = [{"question": f"Was kostet Zimmer {n}?", "answer": f"Zimmer {n} kostet {n} Euro."} for n in range(2000)]


async def get(assistant: Resource, path: str = "", **query: Any) -> Any:
    response = await assistant.api.http.get(f"{assistant.path}/knowledge{path}", params=query)
    assert response.status_code == 200, response.text
    return response.json()


async def undo(assistant: Resource, change_set: str) -> httpx2.Response:
    return await assistant.api.http.post(f"{assistant.path}/knowledge/changes/{change_set}/undo")


async def undone(assistant: Resource, change_set: str) -> Any:
    response = await undo(assistant, change_set)
    assert response.status_code == 201, response.text
    return response.json()


async def texts(assistant: Resource, **query: Any) -> list[tuple[str, str]]:
    return [(entry["question"], entry["answer"]) for entry in (await get(assistant, **query))["items"]]


async def test_every_change_is_listed_with_what_was_before(assistant: Resource) -> None:
    entry = await assistant.entry("Gibt es Parkplätze?", "Ja, vier.")
    path = f"/{entry['id']}"
    await assistant.api.change(f"{assistant.path}/knowledge{path}", answer="Ja, sechs.", tags=["Anreise"])
    await assistant.api.http.delete(f"{assistant.path}/knowledge{path}")
    sets = (await get(assistant, "/changes"))["items"]
    assert [(each["added"], each["changed"], each["removed"]) for each in sets] == [(0, 0, 1), (0, 1, 0), (1, 0, 0)]
    assert {(each["kind"], each["actor"]) for each in sets} == {("edit", "operator-token")}
    (change,) = (await get(assistant, f"/changes/{sets[1]['id']}"))["items"]
    assert (change["before"]["answer"], change["after"]["answer"]) == ("Ja, vier.", "Ja, sechs.")
    versions = (await get(assistant, f"{path}/versions"))["items"]
    assert [each["change_set"]["id"] for each in versions] == [each["id"] for each in sets]
    assert [(each["before"] is None, each["after"] is None) for each in versions] == [
        (False, True),
        (False, False),
        (True, False),
    ]


async def test_a_change_that_changes_nothing_is_none(assistant: Resource) -> None:
    entry = await assistant.entry("Gibt es Parkplätze?", "Ja, vier.")
    await assistant.api.change(f"{assistant.path}/knowledge/{entry['id']}", answer="Ja, vier.")
    assert len((await get(assistant, "/changes"))["items"]) == 1


async def test_pages_of_changes_and_of_versions_give_each_once(assistant: Resource) -> None:
    entry = await assistant.entry("Frage", "0")
    for number in range(1, 5):
        await assistant.api.change(f"{assistant.path}/knowledge/{entry['id']}", answer=str(number))
    answers: list[str] = []
    for path in ("/changes", f"/{entry['id']}/versions"):
        seen: list[str] = []
        query: dict[str, Any] = {"limit": 2}
        for _ in range(3):
            page = await get(assistant, path, **query)
            seen += [each.get("id") or each["change_set"]["id"] for each in page["items"]]
            answers += [each["after"]["answer"] for each in page["items"] if "after" in each]
            query["cursor"] = page["next_cursor"]
        assert len(set(seen)) == len(seen) == 5
        assert query["cursor"] is None
    assert answers == ["4", "3", "2", "1", "0"]


async def test_a_set_of_many_is_paged_too(assistant: Resource) -> None:
    await assistant.api.add(f"{assistant.path}/knowledge/bulk", entries=[{"answer": f"{n}"} for n in range(5)])
    (made,) = (await get(assistant, "/changes"))["items"]
    first = await get(assistant, f"/changes/{made['id']}", limit=3)
    second = await get(assistant, f"/changes/{made['id']}", limit=3, cursor=first["next_cursor"])
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (3, 2, None)
    assert {each["after"]["answer"] for each in first["items"] + second["items"]} == set("01234")


@pytest.mark.parametrize("what", ["create", "change", "delete", "bulk"])
async def test_everything_can_be_undone_and_that_again(assistant: Resource, what: str) -> None:
    entry = await assistant.entry("Gibt es Parkplätze?", "Ja, vier.")
    path = f"{assistant.path}/knowledge/{entry['id']}"
    before = await texts(assistant)
    if what == "create":
        await assistant.entry("Gibt es Frühstück?", "Ja.")
    elif what == "bulk":
        await assistant.api.add(f"{assistant.path}/knowledge/bulk", entries=[{"answer": f"{n}"} for n in range(20)])
    elif what == "change":
        await assistant.api.change(path, answer="Nein.", examples=["Wo parken?"], valid_from="2026-01-01")
    else:
        await assistant.api.http.delete(path)
    after = await texts(assistant)
    assert after != before
    last = (await get(assistant, "/changes"))["items"][0]
    first_undo = await undone(assistant, last["id"])
    assert (first_undo["kind"], first_undo["undoes"]) == ("undo", last["id"])
    assert await texts(assistant) == before
    assert (await get(assistant, f"/{entry['id']}")) | {"updated_at": ""} == entry | {"updated_at": ""}
    second_undo = await undone(assistant, first_undo["id"])
    assert await texts(assistant) == after
    await undone(assistant, second_undo["id"])
    assert await texts(assistant) == before


async def test_what_was_changed_since_is_not_overwritten_and_is_named(assistant: Resource) -> None:
    made = await assistant.api.add(f"{assistant.path}/knowledge/bulk", entries=[{"answer": f"{n}"} for n in range(5)])
    (bulk,) = (await get(assistant, "/changes"))["items"]
    await assistant.api.change(f"{assistant.path}/knowledge/{made[2]['id']}", answer="von Hand")
    before = await texts(assistant)
    response = await undo(assistant, bulk["id"])
    assert (response.status_code, response.json()["reason"]) == (409, "entry_changed_since")
    assert [error["field"] for error in response.json()["errors"]] == [f"entries.{made[2]['id']}"]
    assert await texts(assistant) == before
    await assistant.api.change(f"{assistant.path}/knowledge/{made[2]['id']}", answer="2")
    await undone(assistant, bulk["id"])
    assert await texts(assistant) == []


async def test_nobody_undoes_what_is_another_assistants(api: ConfigApiServer, assistant: Resource) -> None:
    other = await api.an_assistant("Pension Bergblick")
    sister = Resource(
        api, assistant.organisation, (await api.add(f"{assistant.organisation}/assistants", name="Berta"))["id"]
    )
    entry = await assistant.entry("Gibt es Parkplätze?")
    (made,) = (await get(assistant, "/changes"))["items"]
    for stranger in (other, sister):
        response = await undo(stranger, made["id"])
        assert (response.status_code, response.json()["reason"]) == (404, "knowledge_change_set_unknown")
        for path in (f"/changes/{made['id']}", f"/{entry['id']}/versions"):
            assert (await api.http.get(f"{stranger.path}/knowledge{path}")).status_code == 404
    response = await undo(assistant, str(uuid4()))
    assert response.json()["reason"] == "knowledge_change_set_unknown"
    assert len(await texts(assistant)) == 1


@pytest.mark.parametrize("gone", ["assistant", "organisation"])
async def test_with_its_owner_every_version_is_gone_from_the_tables(assistant: Resource, gone: str) -> None:
    entry = await assistant.entry("Gibt es Parkplätze?", "Streng vertraulich")
    await assistant.api.change(f"{assistant.path}/knowledge/{entry['id']}", answer="Anders", tags=["Geheimtipp"])
    await assistant.api.http.delete(assistant.path if gone == "assistant" else assistant.organisation)
    async with assistant.api.service.database.service() as session:
        connection = await session.connection()
        for table in ("knowledge_change", "knowledge_change_set", "knowledge_entry"):
            rows = (await connection.exec_driver_sql(f"SELECT t::text FROM config.{table} t")).scalars().all()
            assert len(rows) == (table == "knowledge_entry")
            assert not [row for row in rows if "vertraulich" in row or "Geheimtipp" in row or "Anders" in row]


async def test_the_text_of_a_deleted_entry_is_only_where_it_is_forgotten_by_age(assistant: Resource) -> None:
    entry = await assistant.entry("Gibt es Parkplätze?", "Streng vertraulich")
    await assistant.api.http.delete(f"{assistant.path}/knowledge/{entry['id']}")
    async with assistant.api.service.database.tenant(UUID(assistant.organisation_id)) as session:
        connection = await session.connection()
        rows = (await connection.exec_driver_sql("SELECT t::text FROM config.knowledge_entry t")).scalars().all()
        assert "vertraulich" not in str(rows)
        await history.forget_before(session, datetime(2020, 1, 1, tzinfo=UTC))
        assert len((await connection.exec_driver_sql("SELECT 1 FROM config.knowledge_change")).all()) == 2
        await history.forget_before(session, datetime.now(UTC))
        assert (await connection.exec_driver_sql("SELECT 1 FROM config.knowledge_change")).all() == []


async def test_search_finds_words_wherever_they_are(assistant: Resource) -> None:
    values = {
        "question": {"question": "Kann ich parken?", "answer": "a"},
        "answer": {"question": "b", "answer": "Sie parken vor dem Haus."},
        "examples": {"question": "c", "answer": "c", "examples": ["Anreise", "Wo kann man PARKEN?"]},
        "tags": {"question": "d", "answer": "d", "tags": ["Parken", "100%"]},
        "none": {"question": "e", "answer": "e"},
    }
    await assistant.api.add(f"{assistant.path}/knowledge/bulk", entries=list(values.values()))
    assert [question for question, _ in await texts(assistant, q="parken")] == ["Kann ich parken?", "b", "c", "d"]
    assert [question for question, _ in await texts(assistant, q="anreise parken")] == ["c"]
    assert [question for question, _ in await texts(assistant, q="100%")] == ["d"]
    assert await texts(assistant, q="100_") == []


async def test_filters_by_tag_language_and_day(assistant: Resource) -> None:
    summer = {"valid_from": "2026-05-01", "valid_until": "2026-09-30"}
    entries = [
        {"question": "Sommer", "answer": "x", **summer, "tags": ["Preise", "Saison"]},
        {"question": "immer", "answer": "x", "tags": ["Preise"]},
        {"question": "always", "answer": "x", "language": "en"},
    ]
    await assistant.api.add(f"{assistant.path}/knowledge/bulk", entries=entries)

    async def found(**query: str) -> list[str]:
        return [question for question, _ in await texts(assistant, **query)]

    assert await found(tag="Preise") == ["Sommer", "immer"]
    assert await found(tag="Preis") == []
    assert await found(language="en") == ["always"]
    for day, has in (("2026-04-30", 0), ("2026-05-01", 1), ("2026-09-30", 1), ("2026-10-01", 0)):
        assert ("Sommer" in await found(valid_on=day)) == bool(has), day
    assert await found(tag="Preise", valid_on="2026-12-24", language="de") == ["immer"]


@pytest.mark.alone
async def test_a_change_reaches_the_drafter_within_two_seconds(postgres: Postgres, api: ConfigApiServer) -> None:
    """Over the outbox and a real bus, to the very next draft; also with an import of many."""
    assistant = await api.an_assistant()
    mailbox = await assistant.mailbox()
    entry = await assistant.entry(QUESTION, "Es gibt vier Parkplätze am Haus.")
    asked = a_mail_about(assistant, mailbox["id"])
    async with drafting(postgres, api) as drafter:
        await until_drafted_with("vier Parkplätze", drafter, asked)
        began = time.monotonic()
        await api.change(f"{assistant.path}/knowledge/{entry['id']}", answer="Es gibt sechs Parkplätze am Haus.")
        await until_drafted_with("sechs Parkplätze", drafter, asked)
        changed = time.monotonic() - began
        await imported(assistant, [{"question": QUESTION, "answer": "Es gibt neun Parkplätze am Haus."}, *MANY])
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


async def imported(assistant: Resource, entries: list[dict[str, str]]) -> None:
    path = f"{assistant.path}/knowledge/import"
    preview = await assistant.api.http.post(f"{path}/preview", json={"entries": entries}, timeout=30)
    body = {"entries": entries, "digest": preview.json()["digest"]}
    response = await assistant.api.http.post(path, json=body, timeout=30)
    assert response.status_code == 200, response.text


def a_mail_about(assistant: Resource, mailbox_id: str) -> MessageReceived:
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
            "organisation_id": assistant.organisation_id,
            "mailbox_id": mailbox_id,
            "assistant_id": assistant.id,
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
