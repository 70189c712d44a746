"""From a mail's arrival to its draft, one mail after another: Kinamik beside the bare script, on the same server.

A second client looks when the draft is visible; the tap tells how much of that the server took to announce the mail.
The model answers at once. `python -m tests.benchmarks latency`.
"""

import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.floor import Imap
from tests.benchmarks.systems import Floor, Missing, System, embedded, on_kafka
from tests.benchmarks.table import Row
from tests.benchmarks.tap import Tap, tapped
from tests.mails import an_enquiry
from tests.servers.dovecot import Dovecot, dovecot_available
from tests.servers.kafka import kafka_available
from tests.servers.model_stub import ModelStub

MAILS = int(os.environ.get("KINAMIK_BENCH_LATENCY_MAILS", "100"))
WARM_UP = 5
PADDING = 4000
POLL_SECONDS = 0.004
PATIENCE = 60.0
TIMES_THE_FLOOR = 3
LEAST = 150.0


@dataclass
class Lane:
    """One system with its mailbox, and what was measured on it, in seconds."""

    name: str
    user: str
    tap: Tap
    look: Imap
    arrival_to_visible: list[float] = field(default_factory=list[float])
    announced_to_stored: list[float] = field(default_factory=list[float])


@dataclass(frozen=True)
class Latency:
    """p50 and p95 in milliseconds."""

    name: str
    whole: tuple[float, float]
    own: tuple[float, float]

    def __str__(self) -> str:
        whole, own = (f"{p50:.0f} / {p95:.0f} ms" for p50, p95 in (self.whole, self.own))
        return f"arrival to draft visible {whole}; server's EXISTS to draft stored {own} (p50 / p95)"


async def measure(mails: int = MAILS, *, kafka: bool = True) -> list[Latency]:
    """The bare script's comes first. Raises Missing."""
    if missing := dovecot_available():
        raise Missing(f"Dovecot: {missing}")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kinamik-latency-")))
        dovecot = stack.enter_context(Dovecot())
        model = stack.enter_context(ModelStub())
        settings = {"KINAMIK_LLM_BASE_URL": model.base_url, "KINAMIK_LLM_MODEL": "stub"}
        lanes = [await stack.enter_async_context(_floor(dovecot))]
        systems = [embedded(folder / "embedded", **settings)]
        if kafka:
            systems.append(on_kafka(folder / "kafka", **settings))
        for system in systems:
            running = await stack.enter_async_context(system)
            lanes.append(await stack.enter_async_context(_lane(dovecot, running)))
        for number in range(WARM_UP + mails):
            if number == WARM_UP:
                for lane in lanes:
                    lane.arrival_to_visible.clear()
                    lane.announced_to_stored.clear()
            for lane in lanes:
                await _one_mail(dovecot, lane, number)
    return [
        Latency(lane.name, _percentiles(lane.arrival_to_visible), _percentiles(lane.announced_to_stored))
        for lane in lanes
    ]


async def _one_mail(dovecot: Dovecot, lane: Lane, number: int) -> None:
    _, mail = an_enquiry(number, padding=PADDING)
    before = lane.look.exists
    dovecot.deliver(lane.user, mail)
    arrived = time.perf_counter()
    async with asyncio.timeout(PATIENCE):
        while lane.look.exists == before:
            await asyncio.sleep(POLL_SECONDS)
            await lane.look.run("NOOP")
    lane.arrival_to_visible.append(time.perf_counter() - arrived)
    lane.announced_to_stored.append(await lane.tap.announced_to_stored(arrived))
    await asyncio.sleep(random.uniform(0.1, 0.2))


@asynccontextmanager
async def _floor(dovecot: Dovecot) -> AsyncGenerator[Lane]:
    async with tapped(dovecot.port) as tap:
        with Floor(tap.port, ["floor"]) as script:
            script.begin()
            lane = await _looked_into(dovecot, "bare script", "floor", tap)
            yield lane
            lane.look.close()


@asynccontextmanager
async def _lane(dovecot: Dovecot, system: System) -> AsyncGenerator[Lane]:
    user = system.name.lower()
    async with tapped(dovecot.port) as tap:
        await system.mailbox(user, tap.port)
        lane = await _looked_into(dovecot, system.name, user, tap)
        yield lane
        lane.look.close()


async def _looked_into(dovecot: Dovecot, name: str, user: str, tap: Tap) -> Lane:
    look = await Imap.open(dovecot.port, user)
    await look.run("SELECT Drafts")
    return Lane(name, user, tap, look)


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    milliseconds = [value * 1e3 for value in seconds]
    return statistics.median(milliseconds), statistics.quantiles(milliseconds, n=20)[-1]


def rows() -> Iterator[Row]:
    """Lines of the table."""
    floor, *ours = asyncio.run(measure(kafka=kafka_available() is None))
    yield Row(floor.name, str(floor))
    target = f"at most {TIMES_THE_FLOOR} times the bare script's, or {LEAST:.0f} ms"
    for latency in ours:
        pairs = zip(latency.whole, floor.whole, strict=True)
        met = all(mine <= max(TIMES_THE_FLOOR * bare, LEAST) for mine, bare in pairs)
        yield Row(latency.name, str(latency), target, met)
