"""What every bus has to keep, whichever carries the events."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from opentelemetry import trace

from shared.bus.embedded import EmbeddedBus
from shared.bus.kafka import KafkaBus
from shared.bus.seam import Bus, Subscription
from shared.errors import PermanentError, TransientError
from shared.events import ConfigChanged, DeadLettered, Event, MailboxChanged, MessageReceived, MessageSettled, Outcome
from shared.mail import Mail
from tests.keys import a_keyring, the_same_keys
from tests.servers.kafka import KafkaServer

MakeBus = Callable[[], Awaitable[Bus]]
PATIENCE = 30.0


@pytest.fixture(params=["embedded", "kafka"])
async def make_bus(request: pytest.FixtureRequest) -> MakeBus:
    """Makes buses that reach the same events, as the same process started again would."""
    keys = the_same_keys()
    if request.param == "embedded":
        postgres, database = request.getfixturevalue("postgres"), request.getfixturevalue("database")

        async def make() -> Bus:
            workers = {"one": 4, "two": 2, "watcher": 2}
            return EmbeddedBus(postgres.url(database, "asyncpg"), await a_keyring(keys), workers=workers)
    else:
        kafka = request.getfixturevalue("kafka")

        async def make() -> Bus:
            return KafkaBus(kafka.bootstrap, await a_keyring(keys), concurrency=8)

    return make


@asynccontextmanager
async def running(bus: Bus) -> AsyncGenerator[Bus]:
    await bus.start()
    try:
        yield bus
    finally:
        await bus.stop()


def received(subject: str = "Zimmer") -> MessageReceived:
    return MessageReceived(
        organisation_id=uuid4(),
        mailbox_id=uuid4(),
        assistant_id=uuid4(),
        message_id=uuid4(),
        received_at=datetime.now(UTC),
        mail=Mail(subject=subject, text="Haben Sie im Mai ein Zimmer frei?"),
    )


async def eventually(condition: Callable[[], bool]) -> None:
    deadline = datetime.now(UTC) + timedelta(seconds=PATIENCE)
    while not condition():
        assert datetime.now(UTC) < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


class Collector:
    """A handler that remembers, only the events of this test."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def __call__(self, event: Event) -> None:
        self.events.append(event)

    def ids(self) -> list[object]:
        return [getattr(event, "message_id", event.event_id) for event in self.events]


async def test_an_event_arrives_as_it_was_published(make_bus: MakeBus) -> None:
    bus, seen, event = await make_bus(), Collector(), received("Grüße aus Köln")
    bus.subscribe(Subscription(MessageReceived, "one", seen))
    async with running(bus):
        await bus.publish(event)
        await eventually(lambda: event in seen.events)


async def test_every_group_gets_every_event(make_bus: MakeBus) -> None:
    bus, first, second, event = await make_bus(), Collector(), Collector(), ConfigChanged(revision=7)
    bus.subscribe(Subscription(ConfigChanged, "one", first), Subscription(ConfigChanged, "two", second))
    async with running(bus):
        await bus.publish(event)
        await eventually(lambda: event in first.events and event in second.events)


async def test_what_a_handler_returns_is_published(make_bus: MakeBus) -> None:
    bus, seen, event = await make_bus(), Collector(), received()

    async def settle(event: MessageReceived) -> MessageSettled:
        return MessageSettled(
            **event.model_dump(exclude={"mail", "event_id", "occurred_at"}), outcome=Outcome.SKIPPED, reason="test"
        )

    bus.subscribe(Subscription(MessageReceived, "one", settle), Subscription(MessageSettled, "watcher", seen))
    async with running(bus):
        await bus.publish(event)
        await eventually(lambda: event.message_id in seen.ids())


async def test_a_transient_error_is_tried_again(make_bus: MakeBus) -> None:
    bus, event, tries = await make_bus(), received(), 0

    async def fails_once(seen: MessageReceived) -> None:
        nonlocal tries
        if seen == event:
            tries += 1
            if tries == 1:
                raise TransientError("server_unreachable")

    bus.subscribe(Subscription(MessageReceived, "one", fails_once))
    async with running(bus):
        await bus.publish(event)
        await eventually(lambda: tries == 2)


@pytest.mark.parametrize("error", [PermanentError("draft_too_large"), ValueError("a bug")])
async def test_a_lasting_error_settles_the_message_and_stops_nobody(make_bus: MakeBus, error: Exception) -> None:
    bus, bad, good = await make_bus(), received("schlecht"), received("gut")
    settled, dead, handled = Collector(), Collector(), Collector()

    async def handler(event: MessageReceived) -> None:
        if event == bad:
            raise error
        await handled(event)

    bus.subscribe(
        Subscription(MessageReceived, "one", handler),
        Subscription(MessageSettled, "watcher", settled),
        Subscription(DeadLettered, "two", dead),
    )
    async with running(bus):
        await bus.publish(bad, good)
        await eventually(lambda: good in handled.events and bad.message_id in settled.ids() and dead.events != [])
    ends = [
        event for event in settled.events if isinstance(event, MessageSettled) and event.message_id == bad.message_id
    ]
    assert [end.outcome for end in ends if isinstance(end, MessageSettled)] == [Outcome.FAILED]
    assert bad.message_id in dead.ids()


async def test_what_was_not_finished_is_delivered_again(make_bus: MakeBus) -> None:
    event, started, seen = received(), asyncio.Event(), Collector()

    async def hangs(event_seen: MessageReceived) -> None:
        if event_seen == event:
            started.set()
            await asyncio.sleep(3600)

    first = await make_bus()
    first.subscribe(Subscription(MessageReceived, "one", hangs))
    await first.start()
    await first.publish(event)
    await asyncio.wait_for(started.wait(), PATIENCE)
    await first.stop()

    second = await make_bus()
    second.subscribe(Subscription(MessageReceived, "one", seen))
    async with running(second):
        await eventually(lambda: event in seen.events)


async def test_finished_events_are_not_delivered_again(make_bus: MakeBus) -> None:
    events, seen, again = [received() for _ in range(20)], Collector(), Collector()
    first = await make_bus()
    first.subscribe(Subscription(MessageReceived, "one", seen))
    async with running(first):
        await first.publish(*events)
        await eventually(lambda: set(events) <= set(seen.events))

    second, last = await make_bus(), received()
    second.subscribe(Subscription(MessageReceived, "one", again))
    async with running(second):
        await second.publish(last)
        await eventually(lambda: last in again.events)
    assert not set(events) & set(again.events)


async def test_the_trace_goes_on_at_the_handler(make_bus: MakeBus) -> None:
    bus, event, seen = await make_bus(), received(), dict[object, int]()

    async def handler(event: MessageReceived) -> None:
        seen[event.message_id] = trace.get_current_span().get_span_context().trace_id

    bus.subscribe(Subscription(MessageReceived, "one", handler))
    here = trace.SpanContext(0x5EEB11C4, 7, is_remote=False, trace_flags=trace.TraceFlags(1))
    async with running(bus):
        with trace.use_span(trace.NonRecordingSpan(here)):
            await bus.publish(event)
        await eventually(lambda: event.message_id in seen)
    assert seen[event.message_id] == here.trace_id


async def test_slow_handlers_run_side_by_side(make_bus: MakeBus) -> None:
    bus, events = await make_bus(), [received() for _ in range(4)]
    inside, together = set[object](), asyncio.Event()

    async def handler(event: MessageReceived) -> None:
        if event in events:
            inside.add(event.message_id)
            if len(inside) == len(events):
                together.set()
            await together.wait()

    bus.subscribe(Subscription(MessageReceived, "one", handler))
    async with running(bus):
        await bus.publish(*events)
        await asyncio.wait_for(together.wait(), PATIENCE)


@pytest.fixture
async def make_replica(kafka: KafkaServer) -> MakeBus:
    """Makes buses of processes that run side by side. On one machine there is one process."""
    keys = the_same_keys()

    async def make() -> Bus:
        return KafkaBus(kafka.bootstrap, await a_keyring(keys), concurrency=8)

    return make


async def test_what_is_for_everyone_reaches_each_process_of_a_group_and_all_else_one(make_replica: MakeBus) -> None:
    group, told, shared = f"replicas-{uuid4()}", [Collector(), Collector()], [Collector(), Collector()]
    async with AsyncExitStack() as stack:
        for everyones, ordinary in zip(told, shared, strict=True):
            bus = await make_replica()
            bus.subscribe(
                Subscription(MailboxChanged, group, everyones, everyone=True),
                Subscription(MessageReceived, group, ordinary),
            )
            await stack.enter_async_context(running(bus))
        broadcast = [MailboxChanged(mailbox_id=uuid4()) for _ in range(20)]
        work = [received() for _ in range(20)]
        await bus.publish(*broadcast, *work)

        def all_arrived() -> bool:
            handled = [event for collector in shared for event in collector.events]
            return set(work) <= set(handled) and all(set(broadcast) <= set(each.events) for each in told)

        await eventually(all_arrived)
    assert sorted(each.events.count(event) for each in told for event in broadcast) == [1] * 40
    assert sum(collector.events.count(event) for collector in shared for event in work) == len(work)


async def test_what_is_for_everyone_and_was_published_once_a_bus_has_started_is_not_missed(
    make_replica: MakeBus,
) -> None:
    publisher = await make_replica()
    async with running(publisher):
        for _ in range(3):
            bus, seen, event = await make_replica(), Collector(), MailboxChanged(mailbox_id=uuid4())
            bus.subscribe(Subscription(MailboxChanged, "late", seen, everyone=True))
            async with running(bus):
                await publisher.publish(event)
                await eventually(lambda event=event, seen=seen: event in seen.events)
