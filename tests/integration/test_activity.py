"""Activity: what became of messages, found, followed, and tried again."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text

from config_api.activity import feed
from config_api.activity.recorder import ActivityRecorder
from ingest.handlers import Handlers
from ingest.ledger import Ledger
from shared.config import Mailbox
from shared.database import create_engine, migrate
from shared.events import MessageSettled, Outcome, RetryRequested
from shared.mailbox.protocol import CatchUp, Cursor, MessageRef, Seen
from shared.tasks import background
from tests.servers.config_api import ConfigApiServer, Resource
from tests.servers.person import a_person
from tests.servers.postgres import Postgres

PATIENCE = 10.0
WITHOUT_ZONE = base64.urlsafe_b64encode(f"0001-01-01T00:00:00/{UUID(int=1)}".encode()).decode()
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def settled(assistant: Resource, **values: Any) -> MessageSettled:
    return MessageSettled.model_validate(
        {
            "organisation_id": assistant.organisation_id,
            "assistant_id": assistant.id,
            "mailbox_id": uuid4(),
            "message_id": uuid4(),
            "outcome": Outcome.DRAFTED,
            "received_at": NOON,
        }
        | values
    )


async def record(api: ConfigApiServer, *events: MessageSettled) -> None:
    recorder = ActivityRecorder(api.service.database, api.service.master_keys)
    for event in events:
        await recorder.on_message_settled(event)


async def listed(assistant: Resource, **query: Any) -> list[str]:
    response = await assistant.api.http.get(f"{assistant.organisation}/activity", params=query)
    assert response.status_code == 200, response.text
    return [row["message_id"] for row in response.json()["items"]]


async def test_messages_are_found_by_what_is_known_of_them(api: ConfigApiServer, assistant: Resource) -> None:
    berta = Resource(
        api, assistant.organisation, (await api.add(f"{assistant.organisation}/assistants", name="Berta"))["id"]
    )
    hours = [NOON + timedelta(hours=n) for n in range(4)]
    drafted = settled(assistant, occurred_at=hours[0])
    skipped = settled(assistant, occurred_at=hours[1], outcome=Outcome.SKIPPED, reason="newsletter")
    failed = settled(assistant, occurred_at=hours[2], outcome=Outcome.FAILED, reason="gave_up")
    other = settled(berta, occurred_at=hours[3])
    await record(api, drafted, skipped, failed, other)
    named = {"drafted": drafted, "skipped": skipped, "failed": failed, "other": other}
    ids = {name: str(event.message_id) for name, event in named.items()}
    assert await listed(assistant) == [ids["other"], ids["failed"], ids["skipped"], ids["drafted"]]
    assert await listed(assistant, assistant_id=berta.id) == [ids["other"]]
    assert await listed(assistant, mailbox_id=str(skipped.mailbox_id)) == [ids["skipped"]]
    assert await listed(assistant, outcome="failed") == [ids["failed"]]
    assert await listed(assistant, reason="newsletter") == [ids["skipped"]]
    assert await listed(assistant, outcome="drafted", assistant_id=assistant.id) == [ids["drafted"]]
    times = {"since": hours[1].isoformat(), "until": hours[3].isoformat()}
    assert await listed(assistant, **times) == [ids["failed"], ids["skipped"]]
    response = await api.http.get(f"{assistant.organisation}/activity", params={"since": "2026-03-03T12:00:00"})
    assert response.status_code == 422, "a time without its zone means nothing"


async def test_pages_keep_to_the_filter(api: ConfigApiServer, assistant: Resource) -> None:
    wanted = [settled(assistant, outcome=Outcome.FAILED, reason="gave_up") for _ in range(5)]
    await record(api, *(event for each in wanted for event in (each, settled(assistant))))
    seen: list[str] = []
    query: dict[str, Any] = {"outcome": "failed", "limit": 2}
    for _ in range(3):
        page = (await api.http.get(f"{assistant.organisation}/activity", params=query)).json()
        seen += [row["message_id"] for row in page["items"]]
        query["cursor"] = page["next_cursor"]
    assert seen == [str(event.message_id) for event in reversed(wanted)]
    assert query["cursor"] is None


@dataclass
class Reader:
    """Somebody who follows the feed."""

    response: httpx2.Response
    events: asyncio.Queue[tuple[str, Any]] = field(default_factory=asyncio.Queue)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        event: dict[str, str] = {}
        async for line in self.response.aiter_lines():
            self.began.set()
            name, _, value = line.partition(": ")
            event[name] = value
            if not line and "data" in event:
                assert event["event"] == "settled"
                self.events.put_nowait((event["id"], json.loads(event["data"])))
            event = event if line else {}
        self.ended.set()

    async def next(self) -> tuple[str, str]:
        """Its id, and the message's."""
        async with asyncio.timeout(PATIENCE):
            event_id, row = await self.events.get()
        return event_id, row["message_id"]


@asynccontextmanager
async def following(
    assistant: Resource, http: httpx2.AsyncClient | None = None, headers: dict[str, str] | None = None, **query: Any
) -> AsyncGenerator[Reader]:
    client = http or assistant.api.http
    path = f"{assistant.organisation}/activity/feed"
    async with client.stream("GET", path, params=query, headers=headers, timeout=PATIENCE) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        reader = Reader(response)
        async with background(reader.read(), name="feed"):
            async with asyncio.timeout(PATIENCE):
                await reader.began.wait()
            yield reader


async def test_what_settles_is_seen_within_seconds_and_once(api: ConfigApiServer, assistant: Resource) -> None:
    before, events = settled(assistant), [settled(assistant) for _ in range(3)]
    await record(api, before)
    async with following(assistant) as reader:
        for event in events:
            await record(api, event)
            assert (await reader.next())[1] == str(event.message_id)
        await asyncio.sleep(2 * feed.EVERY_SECONDS)
        assert reader.events.empty()


async def test_a_feed_keeps_to_its_filter_and_to_its_organisation(api: ConfigApiServer, assistant: Resource) -> None:
    other = await api.an_assistant("Pension Bergblick")
    failed = settled(assistant, outcome=Outcome.FAILED, reason="gave_up")
    async with following(assistant, outcome="failed") as reader:
        await record(api, settled(other, outcome=Outcome.FAILED, reason="gave_up"), settled(assistant), failed)
        assert (await reader.next())[1] == str(failed.message_id)
        await asyncio.sleep(2 * feed.EVERY_SECONDS)
        assert reader.events.empty()


async def test_whoever_comes_back_misses_nothing(api: ConfigApiServer, assistant: Resource) -> None:
    first, missed, last = settled(assistant), settled(assistant), settled(assistant)
    async with following(assistant) as reader:
        await record(api, first)
        event_id, _ = await reader.next()
    await record(api, missed)
    async with following(assistant, headers={"Last-Event-ID": event_id}) as reader:
        await record(api, last)
        seen = {(await reader.next())[1] for _ in range(3)}
    assert seen >= {str(missed.message_id), str(last.message_id)}


async def test_what_is_committed_late_is_seen_too(api: ConfigApiServer, assistant: Resource) -> None:
    """A row is dated when its transaction begins, which may be before that of a row that was seen already."""
    slow, quick = settled(assistant), settled(assistant)
    recorder = ActivityRecorder(api.service.database, api.service.master_keys)
    async with following(assistant) as reader:
        async with api.service.database.tenant(UUID(assistant.organisation_id)) as session:
            # Holds the row of the day's counts, which both need.
            await record(api, settled(assistant))
            await reader.next()
            await (await session.connection()).execute(text("SELECT 1 FROM config.usage_day FOR UPDATE"))
            waiting = asyncio.create_task(recorder.on_message_settled(slow))
            await asyncio.sleep(0.5)
            await record(api, quick.model_copy(update={"assistant_id": uuid4()}))
            assert (await reader.next())[1] == str(quick.message_id)
        await waiting
        assert (await reader.next())[1] == str(slow.message_id)


async def test_a_feed_ends_with_the_session(api: ConfigApiServer) -> None:
    owner = await a_person(api)
    path = f"/organisations/{(await owner.http.post('/organisations', json={'name': 'Hotel'})).json()['id']}"
    assistant = Resource(api, path, (await api.add(f"{path}/assistants", name="Anna"))["id"])
    browser = await owner.another_browser()
    async with following(assistant, browser) as reader:
        assert (await browser.post("/auth/logout")).status_code == 204
        async with asyncio.timeout(PATIENCE):
            await reader.ended.wait()


async def test_a_feed_ends_by_itself_and_there_are_only_so_many(api: ConfigApiServer, assistant: Resource) -> None:
    async with following(assistant, seconds=1) as reader, asyncio.timeout(PATIENCE):
        await reader.ended.wait()
    path = f"{assistant.organisation}/activity/feed"
    open_feeds = [
        await api.http.send(api.http.build_request("GET", path), stream=True)
        for _ in range(feed.MOST_OPEN_PER_ORGANISATION)
    ]
    try:
        response = await api.http.get(path)
        assert (response.status_code, response.json()["reason"]) == (503, "too_many_feeds")
        other = await api.an_assistant("Pension Bergblick")
        async with following(other, seconds=1):
            pass
    finally:
        for each in open_feeds:
            await each.aclose()


@pytest.mark.parametrize("event_id", ["x", "MjAyNi0wMy0wMw==", "ä", WITHOUT_ZONE])
async def test_an_id_that_is_none_of_ours_is_refused(assistant: Resource, event_id: str) -> None:
    headers = {"Last-Event-ID": event_id.encode()}
    response = await assistant.api.http.get(f"{assistant.organisation}/activity/feed", headers=headers)
    assert (response.status_code, response.json()["reason"]) == (400, "cursor_not_valid")


class TestRetry:
    async def retry(self, assistant: Resource, message_id: object) -> httpx2.Response:
        return await assistant.api.http.post(f"{assistant.organisation}/activity/{message_id}/retry")

    async def asked(self, api: ConfigApiServer, count: int) -> list[RetryRequested]:
        found: list[RetryRequested] = []
        async with asyncio.timeout(PATIENCE):
            while len(found) < count:
                event = await api.published.get()
                found += [event] if isinstance(event, RetryRequested) else []
        return found

    async def test_a_failed_message_is_read_again_once(
        self, postgres: Postgres, api: ConfigApiServer, assistant: Resource
    ) -> None:
        """From the owner's wish to ingest's ledger: a new generation, however often it is asked for."""
        mailbox = await assistant.mailbox()
        await migrate(postgres.url(api.database), "ingest")
        engine = create_engine(postgres.url(api.database))
        async with api.client() as client:
            await client.refresh()
            known = client.mailbox(UUID(mailbox["id"]))
            assert known is not None
            ledger, handlers = Ledger(engine), Handlers(Ledger(engine), client)
            message_id = await pending(ledger, known)
            event = settled(
                assistant, mailbox_id=mailbox["id"], message_id=message_id, outcome=Outcome.FAILED, reason="gave_up"
            )
            await ledger.settle(event)
            await record(api, event)
            for _ in range(2):
                assert (await self.retry(assistant, message_id)).status_code == 202
            for request in await self.asked(api, 2):
                await handlers.retry_requested(request)
                await handlers.retry_requested(request)
            (entry,) = await ledger.due(known.id, redrive_after=600, in_flight=10, limit=10)
            assert (entry.id, entry.generation, entry.publications) == (message_id, 1, 0)
            again = event.model_copy(update={"generation": 1})
            await ledger.settle(again)
            await handlers.retry_requested(request)
            assert await ledger.due(known.id, redrive_after=600, in_flight=10, limit=10) == [], "that wish is fulfilled"
            await record(api, event.model_copy(update={"generation": 1, "outcome": Outcome.DRAFTED, "reason": ""}))
            response = await self.retry(assistant, message_id)
            assert (response.status_code, response.json()["reason"]) == (409, "message_not_failed")
        await engine.dispose()

    async def test_only_what_failed_and_is_ones_own(self, api: ConfigApiServer, assistant: Resource) -> None:
        other = await api.an_assistant("Pension Bergblick")
        drafted, failed = settled(assistant), settled(assistant, outcome=Outcome.FAILED, reason="gave_up")
        theirs = settled(other, outcome=Outcome.FAILED, reason="gave_up", mailbox_id=(await other.mailbox())["id"])
        await record(api, drafted, failed, theirs)
        for message_id, status, reason in (
            (drafted.message_id, 409, "message_not_failed"),
            (theirs.message_id, 404, "message_unknown"),
            (uuid4(), 404, "message_unknown"),
            (failed.message_id, 404, "mailbox_unknown"),
        ):
            response = await self.retry(assistant, message_id)
            assert (response.status_code, response.json()["reason"]) == (status, reason)


async def pending(ledger: Ledger, mailbox: Mailbox) -> UUID:
    """A message that ingest has seen and handed on."""
    sighting = Seen(MessageRef(mailbox.folder, 1, "4"), datetime.now(UTC), 1000, b"mail", frozenset())
    await ledger.record(mailbox, CatchUp((sighting,), Cursor(1, "5"), True))
    (entry,) = await ledger.due(mailbox.id, redrive_after=600, in_flight=10, limit=10)
    await ledger.handed_on([entry.id])
    return entry.id
