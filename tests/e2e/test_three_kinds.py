"""Nothing is lost and nothing is doubled, whatever dies and whatever a provider does: IMAP, Gmail and Microsoft 365."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from embedded.processes import Process
from tests.mails import KNOWLEDGE, a_newsletter, an_enquiry
from tests.servers.config_api import a_master_key
from tests.servers.connected import REDIRECT, Connections, connecting, endpoints
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import require_dovecot
from tests.servers.google import PEOPLE, Google, require_emulate
from tests.servers.graph import GraphServer
from tests.servers.kafka import KafkaServer
from tests.servers.kinds import Kind, OnGmail, OnGraph, OnImap
from tests.servers.mail_server import PASSWORD
from tests.servers.model_stub import ModelStub
from tests.servers.postgres import Postgres
from tests.servers.stack import a_mailbox, an_organisation, running_stack, until

pytestmark = pytest.mark.slow

MAILS = int(os.environ.get("KINAMIK_THREE_KINDS_MAILS", "300"))
KILLS = 4
SEED = 20261130
SETTLED_WITHIN = 400.0
TOLD_WITHIN = 60.0
PAUSE = 0.09
SETTINGS = {"KINAMIK_REDRIVE_AFTER": "15", "KINAMIK_REDRIVE_EVERY": "2", "KINAMIK_POLL_SECONDS": "1"}
WANTED = MAILS - MAILS // 10
# A row for each message, and one end; the bus may still bring ends of another database's messages.
LEDGER = "SELECT state, count(*), count(DISTINCT (mailbox_id, provider_id)) FROM ingest.message GROUP BY state"
ENDS = """
SELECT outcome, count(*), count(DISTINCT message_id) FROM config.settled_message
WHERE organisation_id IN (SELECT id FROM config.organisation) GROUP BY outcome
"""


class Providers:
    """The servers, and one mailbox at each."""

    def __init__(self, dovecot: Dovecot, google: Google, graph: GraphServer) -> None:
        self.dovecot = dovecot
        self.environment = endpoints(google, graph)
        graph.trust(google.microsoft.owner)
        anna, bernd, _ = PEOPLE
        self.imap = OnImap(dovecot, "haus")
        self.gmail, self.graph = OnGmail(google, anna), OnGraph(graph, google, bernd)

    @property
    def kinds(self) -> Sequence[Kind]:
        return self.imap, self.gmail, self.graph


@pytest.fixture
def providers(graph: GraphServer) -> Iterator[Providers]:
    require_dovecot()
    require_emulate()
    with Dovecot() as dovecot, Google(redirects=[REDIRECT], mailboxes=0) as google:
        yield Providers(dovecot, google, graph)


@pytest.fixture
def model() -> Iterator[ModelStub]:
    with ModelStub() as stub:
        yield stub


async def connect(providers: Providers, connections: Connections) -> None:
    await connections.connect("gmail", providers.gmail.address)
    await connections.connect("graph", providers.graph.address)


class Deliveries:
    """Nine enquiries, which want an answer, to each newsletter, which does not; to the three in turn."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = kinds
        self.wanted: dict[Kind, list[str]] = {kind: [] for kind in kinds}

    async def run(self) -> None:
        for number in range(MAILS):
            kind = self._kinds[number % len(self._kinds)]
            if number % 10 == 9:
                _, mail = a_newsletter(number)
            else:
                message_id, mail = an_enquiry(number)
                self.wanted[kind].append(message_id)
            await asyncio.to_thread(kind.deliver, mail)
            await asyncio.sleep(PAUSE)


async def killing(victims: Sequence[Process], chance: random.Random) -> None:
    """Kills each victim several times in random order, and starts it again."""
    order = [victim for victim in victims for _ in range(KILLS)]
    chance.shuffle(order)
    for victim in order:
        await asyncio.sleep(chance.uniform(0.5, 2.5))
        await asyncio.to_thread(victim.kill)
        await asyncio.sleep(chance.uniform(0.0, 0.5))
        victim.start()


async def mischief(kind: Kind, chance: random.Random) -> None:
    """Spread over the first two thirds of the deliveries, so that all of it meets somebody."""
    faults = kind.mischief()
    for fault in faults:
        await asyncio.sleep(chance.uniform(0.5, 1.5) * MAILS * PAUSE * 2 / 3 / len(faults))
        await asyncio.to_thread(fault)


async def unrest(providers: Providers, victims: Sequence[Process]) -> Deliveries:
    deliveries, chance = Deliveries(providers.kinds), random.Random(SEED)
    wrong = [mischief(kind, random.Random(SEED)) for kind in providers.kinds]
    await asyncio.gather(deliveries.run(), killing(victims, chance), *wrong)
    return deliveries


def ends(conninfo: str, query: str) -> dict[str, tuple[int, int]]:
    with psycopg.connect(conninfo) as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute(query.encode()).fetchall()}


async def assert_each_once(conninfo: str, deliveries: Deliveries, kinds: Sequence[Kind]) -> None:
    once = {"drafted": (WANTED, WANTED), "skipped": (MAILS - WANTED, MAILS - WANTED)}

    def settled() -> bool:
        states = ends(conninfo, LEDGER)
        return sum(count for count, _ in states.values()) >= MAILS and "pending" not in states

    await until(settled, SETTLED_WITHIN)
    await until(lambda: sum(count for count, _ in ends(conninfo, ENDS).values()) >= MAILS, TOLD_WITHIN)
    found = {kind.address: (Counter(deliveries.wanted[kind]), kind.answered()) for kind in kinds}
    lost = {address: (wanted - answered).total() for address, (wanted, answered) in found.items()}
    more = {address: (answered - wanted).total() for address, (wanted, answered) in found.items()}
    assert not any((*lost.values(), *more.values())), f"lost {lost}, more {more}"
    assert not any(kind.unmet() for kind in kinds), "a fault met nobody"
    assert ends(conninfo, LEDGER) == once
    assert ends(conninfo, ENDS) == once


async def test_on_kafka(
    providers: Providers, model: ModelStub, postgres: Postgres, database: str, kafka: KafkaServer, tmp_path: Path
) -> None:
    keys = a_master_key("first")
    stub = {"KINAMIK_LLM_BASE_URL": model.base_url, "KINAMIK_LLM_MODEL": "stub", "KINAMIK_MASTER_KEYS": keys}
    settings = SETTINGS | stub | providers.environment
    async with running_stack(postgres, database, kafka.bootstrap, tmp_path, **settings) as stack:
        path, assistant = await an_organisation(stack.api, KNOWLEDGE)
        await a_mailbox(stack.api, path, assistant, providers.imap.user, providers.dovecot.port, PASSWORD)
        async with connecting(postgres.url(database), keys, path, assistant, providers.environment) as connections:
            await connect(providers, connections)
        deliveries = await unrest(providers, [stack.processes[name] for name in ("ingest", "drafter", "writer")])
        await assert_each_once(postgres.conninfo(database), deliveries, providers.kinds)
