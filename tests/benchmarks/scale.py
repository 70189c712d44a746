"""Many Google and Microsoft mailboxes in one ingest process that asks each of them every so often.

Their memory, how often a provider is asked, and whether any mailbox has to wait. Nothing happens in these mailboxes.
`python -m tests.benchmarks scale`.
"""

import asyncio
import itertools
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psutil

from config_api.app import ConfigApi
from config_api.models import now
from config_api.oauth.client import Tokens
from config_api.oauth.providers import ProviderName
from embedded.processes import Process
from tests.benchmarks.providers import POLL_SECONDS
from tests.benchmarks.systems import Missing, System, on_kafka
from tests.benchmarks.table import Row
from tests.benchmarks.watching import PER_ORGANISATION, share_of_a_core, watched
from tests.servers.config_api import a_master_key
from tests.servers.connected import Connections, connecting
from tests.servers.echo import Echo, an_echo
from tests.servers.google import Google, emulate_available
from tests.servers.graph import GraphServer
from tests.servers.stack import an_organisation, until

MAILBOXES = int(os.environ.get("KINAMIK_BENCH_POLLED_MAILBOXES", "1000"))
"""Of each kind."""
OBSERVED_SECONDS = 4 * POLL_SECONDS
PATIENCE = 180.0
AT_ONCE = 8
AT_REST = 120
"""MB that ingest may take where no mailbox is Microsoft's."""
LONGEST_WAIT = 1.5
"""Times the interval."""


@dataclass(frozen=True)
class Polled:
    """`kilobytes` per mailbox; `requests` per mailbox and minute; `longest` between two questions, in seconds."""

    kilobytes: float
    requests: float
    longest: float

    def __str__(self) -> str:
        return (
            f"{MAILBOXES} mailboxes, {self.kilobytes:.0f} kB each, {self.requests:.1f} requests a minute each, "
            f"never longer than {self.longest:.1f} s between two of one mailbox"
        )


@dataclass(frozen=True)
class Scale:
    """Memory in MB (PSS): `empty`, with the `first` Microsoft mailbox beside all of Google's, and with all."""

    empty: float
    google: float
    first: float
    both: float
    cpu: float
    gmail: Polled
    graph: Polled


async def measure() -> Scale:
    """Raises Missing, TimeoutError."""
    if missing := emulate_available():
        raise Missing(f"emulate: {missing}")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kinamik-scale-")))
        google, graph = stack.enter_context(Google(mailboxes=1)), stack.enter_context(GraphServer())
        one = google.person().email
        gmails = await stack.enter_async_context(an_echo(google.google.url, google.google.issue(one)))
        graphs = await stack.enter_async_context(an_echo(graph.url, graph.token(graph.a_user(one))))
        settings = {
            "KINAMIK_GOOGLE_API_URL": gmails.url,
            "KINAMIK_GRAPH_URL": graphs.url,
            "KINAMIK_MASTER_KEYS": a_master_key("first"),
        }
        system = await stack.enter_async_context(on_kafka(folder, **settings))
        path, assistant = await an_organisation(system.api, [])
        keys = settings["KINAMIK_MASTER_KEYS"]
        connections = await stack.enter_async_context(connecting(system.url, keys, path, assistant, {}))
        return await _grown(system, connections.service, gmails, graphs)


async def _grown(system: System, service: ConfigApi, gmails: Echo, graphs: Echo) -> Scale:
    assert system.stack is not None
    ingest = system.stack.processes["ingest"]
    empty = _pss(ingest)
    await _add(system, service, "gmail", range(MAILBOXES))
    google = await _settled(ingest, MAILBOXES)
    await _add(system, service, "graph", range(1))
    first = await _settled(ingest, MAILBOXES + 1)
    await _add(system, service, "graph", range(1, MAILBOXES))
    both = await _settled(ingest, 2 * MAILBOXES)
    began = time.monotonic()
    cpu = await share_of_a_core(ingest, OBSERVED_SECONDS)
    each = (google - empty) / MAILBOXES * 1024, (both - first) / max(1, MAILBOXES - 1) * 1024
    gmail, graph = (_polled(echo, began, size) for echo, size in zip((gmails, graphs), each, strict=True))
    return Scale(empty, google, first, both, cpu, gmail, graph)


async def _add(system: System, service: ConfigApi, name: ProviderName, numbers: range) -> None:
    """Mailboxes whose tokens hold for longer than this takes, some in each organisation."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def organisation(some: range) -> None:
        async with turn:
            path, assistant = await an_organisation(system.api, [])
            connections = Connections(service, UUID(path.rsplit("/", 1)[-1]), UUID(assistant))
            for number in some:
                token = f"token of {name} {number}"
                tokens = Tokens(token, now(), now() + timedelta(hours=4), "never needed", frozenset())
                await connections.keep(name, f"{name}{number}@haus.example", tokens)

    starts = range(0, len(numbers), PER_ORGANISATION)
    await asyncio.gather(*(organisation(numbers[start : start + PER_ORGANISATION]) for start in starts))


async def _settled(ingest: Process, mailboxes: int) -> float:
    """Its memory in MB, once all are watched and were asked for a while."""
    await until(lambda: watched(ingest) == mailboxes, PATIENCE)
    await asyncio.sleep(2 * POLL_SECONDS)
    return _pss(ingest)


def _polled(echo: Echo, began: float, kilobytes: float) -> Polled:
    """What was asked since then."""
    ended = time.monotonic()
    asked = [[began, *(at for at in each if began <= at <= ended), ended] for each in echo.asked.values()]
    assert len(asked) == MAILBOXES
    count = sum(len(each) - 2 for each in asked)
    longest = max(later - earlier for each in asked for earlier, later in itertools.pairwise(each))
    return Polled(kilobytes, count / MAILBOXES / (ended - began) * 60, longest)


def _pss(process: Process) -> float:
    return psutil.Process(process.pid).memory_full_info().pss / 2**20


def rows() -> Iterator[Row]:
    """Lines of the table."""
    scale = asyncio.run(measure())
    yield Row(
        "ingest at rest", f"{scale.empty:.0f} MB without a mailbox", f"at most {AT_REST} MB", scale.empty <= AT_REST
    )
    limit = LONGEST_WAIT * POLL_SECONDS
    for name, polled in (("Gmail", scale.gmail), ("Microsoft 365", scale.graph)):
        yield Row(name, str(polled), f"none waits for longer than {limit:.0f} s", polled.longest <= limit)
    yield Row(
        "one ingest",
        f"{scale.google:.0f} MB with all of Gmail, {scale.first:.0f} MB with the first one at Microsoft 365 and so "
        f"with the SDK, {scale.both:.0f} MB with all; {scale.cpu:.0%} of a core",
    )
