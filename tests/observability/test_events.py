"""What a bus says of itself: how long events wait, what could not be worked on, how far a process is behind."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from shared.bus import lag
from shared.bus.delivery import Delivery
from shared.bus.kafka import KafkaBus
from shared.bus.seam import Subscription
from shared.errors import PermanentError
from shared.events import ConfigChanged, Event, RetryRequested
from shared.sealing import NoContent, encode
from tests.keys import a_keyring
from tests.observability.figures import figure
from tests.servers.kafka import KafkaServer
from tests.servers.owner import eventually

PATIENCE = 30.0


async def nowhere(*_: Event) -> None: ...


async def test_a_handler_that_has_not_run_yet_counts_zero() -> None:
    async def handler(_: ConfigChanged) -> None: ...

    Delivery(Subscription(ConfigChanged, "zero", handler), NoContent(), nowhere, system="kafka")
    labels = {"group": "zero", "topic": ConfigChanged.topic}
    assert figure("kinamik_events_handled_total", **labels, result="ok") == 0
    assert figure("kinamik_dead_letters_total", **labels) == 0
    # Where the first event is the first that is seen of a histogram, no rate knows of it.
    assert figure("kinamik_event_seconds_count", **labels) == 0
    assert figure("kinamik_event_wait_seconds_count", **labels) == 0


async def test_an_event_counts_how_long_it_waited() -> None:
    async def handler(_: ConfigChanged) -> None: ...

    deliver = Delivery(Subscription(ConfigChanged, "waiting", handler), NoContent(), nowhere, system="kafka")
    event = ConfigChanged(revision=1, occurred_at=datetime.now(UTC) - timedelta(seconds=40))
    await deliver(encode(event, NoContent()), {})
    waited = figure("kinamik_event_wait_seconds_sum", group="waiting", topic=ConfigChanged.topic)
    assert 40 <= waited < 50


async def test_what_cannot_be_worked_on_is_a_dead_letter() -> None:
    async def handler(_: ConfigChanged) -> None:
        raise PermanentError("not_this_one")

    deliver = Delivery(Subscription(ConfigChanged, "dead", handler), NoContent(), nowhere, system="kafka")
    await deliver(encode(ConfigChanged(revision=1), NoContent()), {})
    await deliver(b"no event at all", {})
    assert figure("kinamik_dead_letters_total", group="dead", topic=ConfigChanged.topic) == 2


async def test_a_consumer_is_behind_by_what_it_has_not_handled(kafka: KafkaServer) -> None:
    group, let_go = f"slow-{uuid4()}", asyncio.Event()

    async def handler(_: RetryRequested) -> None:
        await let_go.wait()

    bus = KafkaBus(kafka.bootstrap, await a_keyring(), concurrency=4)
    bus.subscribe(Subscription(RetryRequested, group, handler))
    await bus.start()
    try:
        (reader,) = bus.readers

        async def behind() -> int:
            return await lag.lag(reader.subscriber.consumer)

        before = await behind()
        ids = dict.fromkeys(("organisation_id", "mailbox_id", "assistant_id", "message_id"), uuid4())
        await bus.publish(*(RetryRequested.model_validate(ids) for _ in range(20)))
        await eventually(behind, before + 20, PATIENCE)
        let_go.set()
        await eventually(behind, 0, PATIENCE)
    finally:
        await bus.stop()
