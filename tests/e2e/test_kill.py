"""Nothing is lost and nothing is doubled, whatever dies and whenever."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from email import message_from_bytes
from pathlib import Path

import pytest

from embedded.processes import Process
from tests.mails import KNOWLEDGE, a_newsletter, an_enquiry
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import require_dovecot
from tests.servers.kafka import KafkaServer
from tests.servers.mail_server import PASSWORD, client, free_ports
from tests.servers.model_stub import ModelStub
from tests.servers.postgres import Postgres
from tests.servers.stack import a_mailbox, an_api, an_organisation, ledger_states, running_stack, until

pytestmark = pytest.mark.slow

MAILBOXES = 10
MAILS = int(os.environ.get("KINAMIK_KILL_MAILS", "1000"))
KILLS = 5
SEED = 20260303
SETTLED_WITHIN = 240.0
REDRIVE = {"KINAMIK_REDRIVE_AFTER": "15", "KINAMIK_REDRIVE_EVERY": "2"}
USERS = [f"haus{number}" for number in range(MAILBOXES)]


class Deliveries:
    """Who was sent what: nine enquiries, which want an answer, to each newsletter, which does not."""

    def __init__(self, dovecot: Dovecot, chance: random.Random) -> None:
        self._dovecot = dovecot
        self._chance = chance
        self.wanted: dict[str, list[str]] = {user: [] for user in USERS}
        self.count = 0

    async def run(self, pause: float) -> None:
        for number in range(MAILS):
            user = self._chance.choice(USERS)
            if number % 10 == 9:
                _, mail = a_newsletter(number)
            else:
                message_id, mail = an_enquiry(number)
                self.wanted[user].append(message_id)
            await asyncio.to_thread(self._dovecot.deliver, user, mail)
            self.count += 1
            await asyncio.sleep(pause)


def answered(dovecot: Dovecot, user: str) -> Counter[str]:
    """How many drafts answer which Message-ID."""
    with client(dovecot, user) as connection:
        connection.select("Drafts", readonly=True)
        _, data = connection.search(None, "ALL")
        if not data[0]:
            return Counter()
        _, parts = connection.fetch(data[0].replace(b" ", b",").decode(), "(BODY.PEEK[HEADER.FIELDS (IN-REPLY-TO)])")
    headers = (message_from_bytes(part[1]) for part in parts if isinstance(part, tuple))
    return Counter(str(header["In-Reply-To"]).strip() for header in headers)


def assert_each_wanted_draft_exactly_once(dovecot: Dovecot, deliveries: Deliveries) -> None:
    for user in USERS:
        assert answered(dovecot, user) == Counter(deliveries.wanted[user]), user


@pytest.fixture
def dovecot() -> AsyncGenerator[Dovecot]:
    require_dovecot()
    with Dovecot() as server:
        yield server


@pytest.fixture
def model() -> AsyncGenerator[ModelStub]:
    with ModelStub(delay=0.1) as stub:
        yield stub


async def killing(victims: Sequence[Process], chance: random.Random, also: Callable[[], None] | None = None) -> None:
    """Kills each victim five times in random order, a moment after it was started again."""
    order = [victim for victim in victims for _ in range(KILLS)]
    chance.shuffle(order)
    for number, victim in enumerate(order):
        await asyncio.sleep(chance.uniform(0.5, 2.5))
        await asyncio.to_thread(victim.kill)
        if also is not None and number == len(order) // 2:
            await asyncio.to_thread(also)
        await asyncio.sleep(chance.uniform(0.0, 0.5))
        victim.start()


async def test_on_kafka(
    dovecot: Dovecot, model: ModelStub, postgres: Postgres, database: str, kafka: KafkaServer, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    settings = {**REDRIVE, "KINAMIK_LLM_BASE_URL": model.base_url, "KINAMIK_LLM_MODEL": "stub"}
    async with running_stack(postgres, database, kafka.bootstrap, tmp_path, **settings) as stack:
        path, assistant = await an_organisation(stack.api, KNOWLEDGE)
        for user in USERS:
            await a_mailbox(stack.api, path, assistant, user, dovecot.port, PASSWORD)
        deliveries = Deliveries(dovecot, chance)
        victims = [stack.processes[name] for name in ("ingest", "drafter", "writer")]
        await asyncio.gather(
            deliveries.run(pause=0.03), killing(victims, chance, also=lambda: kafka.restart(kill=True))
        )

        def all_settled() -> bool:
            states = stack.states()
            return sum(states.values()) == MAILS and "pending" not in states

        await until(all_settled, SETTLED_WITHIN)
        states = stack.states()
    assert states == {"drafted": MAILS - MAILS // 10, "skipped": MAILS // 10}
    assert_each_wanted_draft_exactly_once(dovecot, deliveries)


@asynccontextmanager
async def embedded_run(folder: Path, settings: dict[str, str]) -> AsyncGenerator[tuple[Process, str]]:
    """The one-machine run as its own process, and the address of its API."""
    (port,) = free_ports(1)
    environment = {
        **settings,
        "KINAMIK_DATA_DIR": str(folder / "data"),
        "KINAMIK_API_PORT": str(port),
        "KINAMIK_DEMO": "false",
    }
    house = Process("embedded", port, environment, folder / "embedded.log", module="embedded.main")
    house.start()
    try:
        yield house, f"http://127.0.0.1:{port}"
    finally:
        await asyncio.to_thread(house.stop)


async def test_on_one_machine(dovecot: Dovecot, model: ModelStub, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    settings = {**REDRIVE, "KINAMIK_LLM_BASE_URL": model.base_url, "KINAMIK_LLM_MODEL": "stub"}
    async with embedded_run(tmp_path, settings) as (house, url):
        await until(house.is_ready, 60)
        token = (tmp_path / "data" / "admin-token").read_text()
        async with an_api(url, token) as api:
            path, assistant = await an_organisation(api, KNOWLEDGE)
            for user in USERS:
                await a_mailbox(api, path, assistant, user, dovecot.port, PASSWORD)
        deliveries = Deliveries(dovecot, chance)
        await asyncio.gather(deliveries.run(pause=0.03), killing([house], chance))
        conninfo = socket_conninfo(tmp_path / "data" / "postgres")

        def all_settled() -> bool:
            states = dict(ledger_states(conninfo))
            return sum(states.values()) == MAILS and "pending" not in states

        await until(all_settled, SETTLED_WITHIN)
        states = dict(ledger_states(conninfo))
    assert states == {"drafted": MAILS - MAILS // 10, "skipped": MAILS // 10}
    assert_each_wanted_draft_exactly_once(dovecot, deliveries)


def socket_conninfo(data: Path) -> str:
    """Where the embedded server listens, as its own file says."""
    socket = (data / "postmaster.pid").read_text().splitlines()[4]
    return f"dbname=postgres user=postgres host={socket}"
