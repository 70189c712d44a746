"""A bus that stops lets what it has begun come to its end, for a while, and takes nothing new."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shared.bus.kafka import KafkaBus
from shared.bus.seam import Subscription
from shared.events import MessageReceived
from shared.mail import Mail
from tests.keys import a_keyring, the_same_keys
from tests.servers.kafka import KafkaServer
from tests.servers.stack import until

DRAIN_SECONDS = 5.0
MakeBus = Callable[[], Awaitable[KafkaBus]]


@pytest.fixture
async def make_bus(kafka: KafkaServer) -> MakeBus:
    keys = the_same_keys()

    async def make() -> KafkaBus:
        return KafkaBus(kafka.bootstrap, await a_keyring(keys), concurrency=8, drain_seconds=DRAIN_SECONDS)

    return make


class Handler:
    """Works on an event until it is let go. `begun`, `ended` and `cancelled` are of this test's mailbox only."""

    def __init__(self) -> None:
        self.mailbox = uuid4()
        self.let_go = asyncio.Event()
        self.begun: list[MessageReceived] = []
        self.ended: list[MessageReceived] = []
        self.cancelled = 0

    def mail(self) -> MessageReceived:
        return MessageReceived(
            organisation_id=uuid4(),
            mailbox_id=self.mailbox,
            assistant_id=uuid4(),
            message_id=uuid4(),
            received_at=datetime.now(UTC),
            mail=Mail(subject="Zimmer", text="Haben Sie im Mai ein Zimmer frei?"),
        )

    async def __call__(self, event: MessageReceived) -> None:
        if event.mailbox_id != self.mailbox:
            return
        self.begun.append(event)
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.ended.append(event)


async def begun(handler: Handler, count: int) -> None:
    await until(lambda: len(handler.begun) >= count, 30)


async def test_what_was_begun_ends_and_nothing_new_is_begun(make_bus: MakeBus) -> None:
    handler, group = Handler(), f"draining-{uuid4()}"
    bus, other = await make_bus(), await make_bus()
    bus.subscribe(Subscription(MessageReceived, group, handler))
    await bus.start()
    await other.start()
    first, second = handler.mail(), handler.mail()
    await bus.publish(first)
    await begun(handler, 1)
    stopping = asyncio.create_task(bus.stop())
    await asyncio.sleep(0.2)
    await other.publish(second)
    await asyncio.sleep(1.5)
    assert (handler.begun, stopping.done()) == ([first], False)
    handler.let_go.set()
    await asyncio.wait_for(stopping, 5)
    assert (handler.ended, handler.cancelled) == ([first], 0)

    successor = await make_bus()
    successor.subscribe(Subscription(MessageReceived, group, handler))
    await successor.start()
    await begun(handler, 2)
    await asyncio.gather(successor.stop(), other.stop())
    assert handler.begun == [first, second]


async def test_what_does_not_end_in_time_is_delivered_again(make_bus: MakeBus) -> None:
    handler, group = Handler(), f"draining-{uuid4()}"
    bus = await make_bus()
    bus.subscribe(Subscription(MessageReceived, group, handler))
    await bus.start()
    event = handler.mail()
    await bus.publish(event)
    await begun(handler, 1)
    began = time.monotonic()
    await bus.stop()
    assert DRAIN_SECONDS <= time.monotonic() - began < DRAIN_SECONDS + 5
    assert (handler.ended, handler.cancelled) == ([], 1)

    successor = await make_bus()
    successor.subscribe(Subscription(MessageReceived, group, handler))
    await successor.start()
    await begun(handler, 2)
    handler.let_go.set()
    await successor.stop()
    assert (handler.begun, handler.ended) == ([event, event], [event])
