"""A mailbox at Microsoft 365 that tells what is new, and goes on being looked after when it does not."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.config import GraphAccount
from shared.mailbox.graph import open_watch
from shared.mailbox.graph.notifications import Notification, client_state, notifications
from shared.mailbox.graph.subscription import Endpoint, Subscription
from shared.mailbox.push import Push
from tests.servers.config_api import serving
from tests.servers.graph import GraphServer
from tests.servers.graph.faults import Fault, throttled
from tests.servers.graph.tokens import Tokens

SECRET = b"the installation's secret"
MAILBOX = "3f0e6d4c-9a53-4f4b-8f3c-6c1f7e3f2a10"
HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
CREATED = "POST /v1.0/subscriptions"
RENEWED = "PATCH /v1.0/subscriptions/{id}"


class Listener:
    """What config-api will be: it verifies what comes in, and wakes who waits."""

    def __init__(self, push: Push) -> None:
        self.push = push
        self.heard: list[Notification] = []
        self.url = ""

    async def answer(self, request: Request) -> Response:
        if token := request.query_params.get("validationToken"):
            return PlainTextResponse(token)
        for told in notifications(await request.body(), SECRET):
            self.heard.append(told)
            self.push.in_doubt = self.push.in_doubt or told.kind in ("reauthorize", "removed")
            self.push.changed.set()
        return Response(status_code=202)


@pytest.fixture
async def listener() -> AsyncGenerator[Listener]:
    listener = Listener(Push())
    async with serving(Starlette(routes=[Route("/", listener.answer, methods=["POST"])])) as listener.url:
        yield listener


class Watched:
    def __init__(self, graph: GraphServer, listener: Listener) -> None:
        self.graph, self.push = graph, listener.push
        self.user = graph.a_user("info@seeblick.example")
        state = SecretStr(client_state(MAILBOX, SECRET))
        self.subscription = Subscription(Endpoint(listener.url, listener.url, state))
        self.watch: Any = None

    async def open(self, **options: Any) -> Any:
        self.watch = await open_watch(
            GraphAccount(),
            "INBOX",
            tokens=Tokens(self.graph.token(self.user)),
            push=self.push,
            url=self.graph.url,
            subscription=self.subscription,
            **options,
        )
        return self.watch

    async def wait(self) -> None:
        """Much shorter than it would be without being woken."""
        await asyncio.wait_for(self.watch.wait(60), 5)

    async def new(self, cursor: Any) -> Any:
        return await self.watch.catch_up(cursor, HOUR_AGO)

    def deliver(self, number: int = 1) -> str:
        return self.graph.deliver(self.user, f"Subject: {number}\r\n\r\nGuten Tag\r\n".encode()).key


@pytest.fixture
async def watched(graph: GraphServer, listener: Listener) -> AsyncGenerator[Watched]:
    watched = Watched(graph, listener)
    await watched.open()
    yield watched
    await watched.watch.close()


async def test_a_mail_ends_the_wait_at_once(watched: Watched, listener: Listener) -> None:
    first = await watched.new(None)
    await asyncio.wait_for(watched.watch.wait(60), 5)
    waiting = asyncio.create_task(watched.watch.wait(60))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    new = watched.deliver()
    await asyncio.wait_for(waiting, 5)
    assert [item.ref.id for item in (await watched.new(first.cursor)).seen] == [new]
    assert listener.heard == [Notification(watched.subscription.id, MAILBOX, "changed")]


async def test_what_came_before_there_was_a_subscription_is_looked_for(watched: Watched) -> None:
    first = await watched.new(None)
    new = watched.deliver()
    await asyncio.wait_for(watched.watch.wait(60), 5)
    assert [item.ref.id for item in (await watched.new(first.cursor)).seen] == [new]


async def test_told_twice_and_in_the_wrong_order_nothing_is_doubled_or_missed(watched: Watched) -> None:
    first = await watched.new(None)
    await watched.wait()
    watched.graph.delivery.held = watched.graph.delivery.twice = True
    sent = [watched.deliver(number) for number in range(3)]
    watched.graph.subscriptions.release(backwards=True)
    seen, cursor = list[str](), first.cursor
    async with asyncio.timeout(10):
        while len(watched.graph.delivery.answers) < 6 or len(seen) < 3:
            await watched.watch.wait(0.1)
            result = await watched.new(cursor)
            seen, cursor = seen + [item.ref.id for item in result.seen], result.cursor
    assert seen == sent
    assert set(watched.graph.delivery.answers) == {202}


async def test_one_subscription_serves_many_connections(watched: Watched) -> None:
    await watched.new(None)
    await watched.wait()
    await watched.watch.close()
    await watched.open()
    await watched.new(None)
    await watched.watch.wait(0.05)
    assert (watched.graph.requests[CREATED], watched.graph.requests[RENEWED]) == (1, 0)


async def test_it_is_renewed_well_before_it_ends(watched: Watched) -> None:
    await watched.new(None)
    await watched.wait()
    watched.subscription.expires -= timedelta(hours=17)
    await watched.watch.wait(0.05)
    assert (watched.graph.requests[CREATED], watched.graph.requests[RENEWED]) == (1, 1)
    assert watched.subscription.expires - datetime.now(UTC) > timedelta(hours=23)


@pytest.mark.parametrize(
    ("event", "kind", "created", "renewed"),
    [("reauthorizationRequired", "reauthorize", 1, 1), ("subscriptionRemoved", "removed", 2, 1)],
)
async def test_what_the_service_says_of_it_is_followed(
    watched: Watched, listener: Listener, event: str, kind: str, created: int, renewed: int
) -> None:
    await watched.new(None)
    await watched.wait()
    watched.graph.lifecycle({"id": watched.subscription.id}, event)
    await asyncio.wait_for(watched.watch.wait(60), 5)
    await watched.watch.wait(0.05)
    assert [told.kind for told in listener.heard] == [kind]
    assert (watched.graph.requests[CREATED], watched.graph.requests[RENEWED]) == (created, renewed)
    assert not watched.push.in_doubt


async def test_missed_notifications_end_the_wait(watched: Watched, listener: Listener) -> None:
    await watched.new(None)
    await watched.wait()
    watched.graph.lifecycle({"id": watched.subscription.id}, "missed")
    await asyncio.wait_for(watched.watch.wait(60), 5)
    assert [told.kind for told in listener.heard] == ["missed"]


@pytest.mark.parametrize("fault", [Fault(status=403), Fault(status=400), throttled(30)], ids=str)
async def test_without_a_subscription_the_folder_is_polled(
    watched: Watched, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    await watched.watch.close()
    await watched.open(poll_seconds=0.2)
    first = await watched.new(None)
    fault.path, fault.times = "/subscriptions", 99
    watched.graph.fail(fault)
    new, began = watched.deliver(), time.monotonic()
    await asyncio.wait_for(watched.watch.wait(60), 5)
    assert time.monotonic() - began > 0.15
    assert [item.ref.id for item in (await watched.new(first.cursor)).seen] == [new]
    await watched.wait()
    assert watched.graph.requests[CREATED] == 1


class TestNotifications:
    def body(self, **changes: Any) -> bytes:
        item = {"subscriptionId": "s", "clientState": client_state(MAILBOX, SECRET), "changeType": "created"} | changes
        return json.dumps({"value": [item]}).encode()

    def test_ours_is_heard(self) -> None:
        assert notifications(self.body(), SECRET) == [Notification("s", MAILBOX, "changed")]

    @pytest.mark.parametrize(
        "state",
        ["", None, 7, "ä", MAILBOX, f"{MAILBOX}.x.y", client_state(MAILBOX, b"another secret")],
        ids=["empty", "null", "number", "beyond ASCII", "id only", "wrong", "another secret"],
    )
    def test_another_is_not(self, state: object) -> None:
        assert not notifications(self.body(clientState=state), SECRET)

    def test_the_proof_of_one_mailbox_is_none_for_another(self) -> None:
        state = client_state(MAILBOX, SECRET).replace(MAILBOX[:8], "00000000")
        assert not notifications(self.body(clientState=state), SECRET)

    def test_of_many_those_that_are_ours_are_heard(self) -> None:
        foreign, own = json.loads(self.body(clientState="x"))["value"], json.loads(self.body())["value"]
        body = json.dumps({"value": [*foreign, *own]}).encode()
        assert len(notifications(body, SECRET)) == 1

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"value": 3}', b'{"value": [3]}', b"\xff", b"null"])
    def test_nonsense_is_nothing(self, body: bytes) -> None:
        assert notifications(body, SECRET) == []

    def test_every_subscription_has_a_state_of_its_own_that_the_service_takes(self) -> None:
        states = {client_state(MAILBOX, SECRET) for _ in range(9)}
        assert len(states) == 9
        assert max(map(len, states)) <= 128
