"""From a mail's arrival to its draft at each provider: asked every so often, and told by the provider.

Five processes on Kafka, the model at 0 ms. Mails arrive at any moment between two polls, so half the interval is the
floor of what polling takes. Google and Microsoft are emulated on this machine: their own time is not in these figures.
`python -m tests.benchmarks providers`.
"""

import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.settings import Settings
from tests.benchmarks.systems import Missing, System, on_kafka
from tests.benchmarks.table import Row
from tests.benchmarks.watching import watched
from tests.mails import KNOWLEDGE, an_enquiry
from tests.servers.config_api import a_master_key
from tests.servers.connected import REDIRECT, connecting, endpoints
from tests.servers.dovecot import Dovecot, dovecot_available
from tests.servers.google import Google, emulate_available
from tests.servers.graph import GraphServer
from tests.servers.kinds import Kind, OnGmail, OnGraph, OnImap
from tests.servers.mail_server import PASSWORD
from tests.servers.model_stub import ModelStub
from tests.servers.pubsub import SUBSCRIPTION, TOPIC, PubSub, a_pubsub
from tests.servers.stack import a_mailbox, an_organisation, until

MAILBOXES = 8
MAILS = int(os.environ.get("KINAMIK_BENCH_PROVIDER_MAILS", "5"))
"""For each mailbox, in each way."""
POLL_SECONDS: float = Settings.model_fields["poll_seconds"].default
PATIENCE = 4 * POLL_SECONDS
PUSHED_WITHIN = 1.0
POLLED_WITHIN = 1.5
"""Beyond the interval, for what comes after the poll."""
PEOPLE = [f"person{number}@hotel-seeblick.example" for number in range(MAILBOXES)]
IMAP, GMAIL, GRAPH = "IMAP", "Gmail", "Microsoft 365"


@dataclass(frozen=True)
class Latency:
    """In seconds, each from arrival to the finished draft."""

    name: str
    told: bool
    seconds: Sequence[float]

    @property
    def p50(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.seconds, n=20)[-1]

    def __str__(self) -> str:
        floor = "" if self.told else f"; the floor is {POLL_SECONDS / 2:.0f} / {POLL_SECONDS * 0.95:.0f} s"
        return f"arrival to draft {self.p50:.2f} / {self.p95:.2f} s (p50 / p95, {len(self.seconds)} mails){floor}"

    def row(self) -> Row:
        limit = PUSHED_WITHIN if self.told else POLL_SECONDS + POLLED_WITHIN
        name = self.name if self.name == IMAP else f"{self.name}, {'told' if self.told else 'polled'}"
        return Row(name, str(self), f"p95 within {limit:.1f} s", self.p95 <= limit)


@dataclass
class Servers:
    dovecot: Dovecot
    google: Google
    graph: GraphServer
    pubsub: PubSub
    model: ModelStub

    @property
    def endpoints(self) -> dict[str, str]:
        return endpoints(self.google, self.graph)

    def settings(self, *, push: bool) -> dict[str, str]:
        common = {"KINAMIK_LLM_BASE_URL": self.model.base_url, "KINAMIK_LLM_MODEL": "stub"}
        common |= {"KINAMIK_MASTER_KEYS": a_master_key("first")}
        return common | self.endpoints | (self._push() if push else {})

    def _push(self) -> dict[str, str]:
        return {
            "KINAMIK_GMAIL_TOPIC": TOPIC,
            "KINAMIK_GMAIL_SUBSCRIPTION": SUBSCRIPTION,
            "KINAMIK_GMAIL_SERVICE_ACCOUNT": json.dumps(self.pubsub.key),
            "KINAMIK_PUBSUB_URL": self.pubsub.url,
        }


@asynccontextmanager
async def servers() -> AsyncGenerator[Servers]:
    """Raises Missing."""
    for part, missing in (("Dovecot", dovecot_available()), ("emulate", emulate_available())):
        if missing:
            raise Missing(f"{part}: {missing}")
    async with AsyncExitStack() as stack:
        google = stack.enter_context(Google(PEOPLE, [REDIRECT], mailboxes=0))
        graph = stack.enter_context(GraphServer())
        graph.trust(google.microsoft.owner)
        pubsub = await stack.enter_async_context(a_pubsub())
        google.google.gmail.tell = pubsub.tell
        dovecot, model = stack.enter_context(Dovecot()), stack.enter_context(ModelStub())
        yield Servers(dovecot, google, graph, pubsub, model)


async def measure(*, told: bool, mails: int = MAILS) -> list[Latency]:
    """By polling, or with providers that tell. Raises Missing."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kinamik-providers-")))
        parts = await stack.enter_async_context(servers())
        settings = parts.settings(push=told)
        system = await stack.enter_async_context(on_kafka(folder, told=told, **settings))
        lanes = await _lanes(system, parts, settings)
        await _all_watched(system, sum(map(len, lanes.values())))
        if not told:
            del lanes[IMAP]
        return [Latency(name, told, await _timed(kinds, mails, told=told)) for name, kinds in lanes.items()]


async def _lanes(system: System, parts: Servers, settings: dict[str, str]) -> dict[str, list[Kind]]:
    lanes: dict[str, list[Kind]] = {IMAP: [], GMAIL: [], GRAPH: []}
    path, assistant = await an_organisation(system.api, KNOWLEDGE)
    keys = settings["KINAMIK_MASTER_KEYS"]
    async with connecting(system.url, keys, path, assistant, parts.endpoints) as connections:
        for number, person in enumerate(PEOPLE):
            on_imap = OnImap(parts.dovecot, f"haus{number}")
            await a_mailbox(system.api, path, assistant, on_imap.user, parts.dovecot.port, PASSWORD)
            lanes[IMAP].append(on_imap)
            lanes[GMAIL].append(OnGmail(parts.google, person))
            lanes[GRAPH].append(OnGraph(parts.graph, parts.google, person))
            await connections.connect("gmail", person)
            await connections.connect("graph", person)
    return lanes


async def _all_watched(system: System, mailboxes: int) -> None:
    assert system.stack is not None
    ingest = system.stack.processes["ingest"]
    await until(lambda: watched(ingest) == mailboxes, PATIENCE)
    await asyncio.sleep(POLL_SECONDS / 2)


async def _timed(kinds: Sequence[Kind], mails: int, *, told: bool) -> list[float]:
    """One mail after the other where the provider tells; where it is asked, at any moment between two questions."""
    turns = asyncio.Semaphore(1 if told else len(kinds))

    async def one_mailbox(number: int, kind: Kind) -> list[float]:
        seconds: list[float] = []
        for mail in range(mails):
            if not told:
                await asyncio.sleep(random.uniform(0, POLL_SECONDS))
            async with turns:
                seconds.append(await _one_mail(kind, number * mails + mail, 0.02 if told else 0.1))
        return seconds

    timed = await asyncio.gather(*(one_mailbox(number, kind) for number, kind in enumerate(kinds)))
    return [seconds for each in timed for seconds in each]


async def _one_mail(kind: Kind, number: int, look_every: float) -> float:
    """Seconds until its draft is there."""
    before = await asyncio.to_thread(kind.drafts)
    await asyncio.to_thread(kind.deliver, an_enquiry(number, to=kind.address)[1])
    arrived = time.perf_counter()
    while await asyncio.to_thread(kind.drafts) == before:
        if time.perf_counter() > arrived + PATIENCE:
            raise TimeoutError
        await asyncio.sleep(look_every)
    return time.perf_counter() - arrived


def rows() -> Iterator[Row]:
    """Lines of the table."""
    for told in (False, True):
        yield from (latency.row() for latency in asyncio.run(measure(told=told)))
