"""Many mailboxes in IDLE over TLS in one ingest process: their memory, how soon a mail is noticed, a server's restart.

`python -m tests.benchmarks watching`.
"""

import asyncio
import os
import random
import re
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import psutil
import psycopg

from embedded.processes import Process, wait_ready
from tests.benchmarks.floor import Imap
from tests.benchmarks.systems import Missing, on_kafka
from tests.benchmarks.table import Row
from tests.mails import an_enquiry
from tests.servers.dovecot import Dovecot, dovecot_available
from tests.servers.dovecot_config import Options
from tests.servers.mail_server import PASSWORD
from tests.servers.stack import Stack, created, until

MAILBOXES = int(os.environ.get("KINAMIK_BENCH_MAILBOXES", "2000"))
PER_ORGANISATION = 10
NOTICES = 20
AT_ONCE = 8
REST_SECONDS = 10.0
PATIENCE = 180.0
NOTICED_WITHIN = 2.0
POLL_SECONDS = 0.01
GAUGE = re.compile(r"^kinamik_mailboxes_watched (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Watching:
    """`kilobytes` per mailbox; the rest in seconds. `noticed` counts from arrival, `after_announcement` from EXISTS.

    `cpu_at_rest` is the share of one core.
    """

    mailboxes: int
    connected: float
    kilobytes: float
    cpu_at_rest: float
    noticed: Sequence[float]
    after_announcement: Sequence[float]
    back: float

    def __str__(self) -> str:
        return (
            f"{self.mailboxes} mailboxes, watched {self.connected:.0f} s after the process's start, "
            f"{self.kilobytes:.0f} kB each, {self.cpu_at_rest:.1%} of a core at rest; "
            f"a new mail is in the ledger {statistics.median(self.noticed):.2f} s after its arrival "
            f"(at most {max(self.noticed):.2f} s), {statistics.median(self.after_announcement) * 1e3:.0f} ms after the "
            f"server's EXISTS (at most {max(self.after_announcement) * 1e3:.0f} ms); "
            f"all are watched again {self.back:.0f} s after the server's restart"
        )


def options(mailboxes: int) -> Options:
    """A server that serves so many: fifty connections share a process, and with it one inotify instance."""
    return Options(clients=2 * mailboxes, clients_per_process=50)


def raise_limit() -> None:
    """As many open files as this process may have; its children inherit that."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def measure(
    stack: Stack,
    conninfo: str,
    dovecot: Dovecot,
    mailboxes: int,
    *,
    notices: int = NOTICES,
    rest_seconds: float = REST_SECONDS,
) -> Watching:
    """`stack` trusts the server's certificate, `conninfo` names its database. Raises TimeoutError."""
    ingest = stack.processes["ingest"]
    empty = _resident(ingest)
    await asyncio.to_thread(ingest.stop)
    users = await _add(stack, dovecot, mailboxes)
    with psycopg.connect(conninfo, autocommit=True) as database:
        began = datetime.now(UTC)
        ingest.start()
        await wait_ready([ingest])
        connected = await _all_watched(ingest, database, users, began)
        await asyncio.sleep(rest_seconds)
        kilobytes = (_resident(ingest) - empty) / mailboxes / 1024
        rest = await share_of_a_core(ingest, rest_seconds)
        some = random.sample(sorted(users), min(notices, mailboxes))
        told = [await _one_mail(dovecot, database, user, users[user]) for user in some]
        await asyncio.to_thread(dovecot.stop)
        began = datetime.now(UTC)
        await asyncio.to_thread(dovecot.start)
        back = await _all_watched(ingest, database, users, began)
        for user in some[:3]:
            await _one_mail(dovecot, database, user, users[user])
    whole, own = zip(*told, strict=True)
    return Watching(mailboxes, connected, kilobytes, rest, whole, own, back)


async def _add(stack: Stack, dovecot: Dovecot, mailboxes: int) -> dict[str, str]:
    """The mailboxes' ids by user."""
    ids: dict[str, str] = {}
    turn = asyncio.Semaphore(AT_ONCE)

    async def organisation(number: int) -> None:
        async with turn:
            made = await created(stack.api, "/organisations", name=f"Haus {number}")
            path = f"/organisations/{made['id']}"
            assistant = (await created(stack.api, f"{path}/assistants", name="Anna"))["id"]
            for user in (f"haus{each}" for each in range(number, mailboxes, count)):
                account = dovecot.account(user, "tls")
                imap = account.model_dump(mode="json") | {"password": PASSWORD}
                body = {"assistant_id": assistant, "address": f"{user}@haus.example", "imap": imap}
                ids[user] = (await created(stack.api, f"{path}/mailboxes", **body))["id"]

    count = max(1, mailboxes // PER_ORGANISATION)
    await asyncio.gather(*(organisation(number) for number in range(count)))
    return ids


async def _all_watched(ingest: Process, database: psycopg.Connection, users: dict[str, str], began: datetime) -> float:
    """Seconds from `began` until each has a connection, and a catch-up that is younger than that."""

    def all_are() -> bool:
        query = "SELECT count(*) FROM ingest.mailbox WHERE last_proof_at > %s"
        row = database.execute(query, (began,)).fetchone()
        return row is not None and row[0] == len(users) and watched(ingest) == len(users)

    await until(all_are, PATIENCE)
    return (datetime.now(UTC) - began).total_seconds()


def watched(ingest: Process) -> int:
    """How many mailboxes the process says it watches."""
    with urlopen(f"http://127.0.0.1:{ingest.port}/metrics", timeout=10) as answer:
        found = GAUGE.search(answer.read().decode())
    return int(float(found[1])) if found else 0


async def _one_mail(dovecot: Dovecot, database: psycopg.Connection, user: str, mailbox: str) -> tuple[float, float]:
    """Seconds from a mail's arrival, and from its announcement to a second client, until it is in the ledger."""
    other = await Imap.open(dovecot.port, user)
    await other.run("SELECT INBOX")
    announced = asyncio.create_task(_announced(other))
    await asyncio.sleep(0.2)
    known = _known(database, mailbox)
    dovecot.deliver(user, an_enquiry(0)[1])
    arrived = time.perf_counter()
    noticed = await asyncio.to_thread(_more_known, database, mailbox, known)
    told = await announced
    other.close()
    return noticed - arrived, noticed - told


async def _announced(other: Imap) -> float:
    await other.idle()
    return time.perf_counter()


def _more_known(database: psycopg.Connection, mailbox: str, known: int) -> float:
    """When (time.perf_counter) the ledger had more messages of this mailbox. Raises TimeoutError."""
    deadline = time.perf_counter() + PATIENCE
    while time.perf_counter() < deadline:
        if _known(database, mailbox) > known:
            return time.perf_counter()
        time.sleep(POLL_SECONDS)
    raise TimeoutError


def _known(database: psycopg.Connection, mailbox: str) -> int:
    row = database.execute("SELECT count(*) FROM ingest.message WHERE mailbox_id = %s", (mailbox,)).fetchone()
    assert row is not None
    return row[0]


def _resident(process: Process) -> int:
    return psutil.Process(process.pid).memory_info().rss


async def share_of_a_core(process: Process, seconds: float) -> float:
    def used() -> float:
        return sum(psutil.Process(process.pid).cpu_times()[:2])

    before = used()
    await asyncio.sleep(seconds)
    return (used() - before) / seconds


async def _alone() -> Watching:
    if missing := dovecot_available():
        raise Missing(f"Dovecot: {missing}")
    raise_limit()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kinamik-watching-")))
        dovecot = stack.enter_context(Dovecot(options(MAILBOXES)))
        system = await stack.enter_async_context(on_kafka(folder, SSL_CERT_FILE=str(dovecot.certificate)))
        assert system.stack is not None
        return await measure(system.stack, system.conninfo, dovecot, MAILBOXES)


def rows() -> Iterator[Row]:
    """Lines of the table."""
    result = asyncio.run(_alone())
    target = f"noticed within {NOTICED_WITHIN:.0f} s, all back after a restart"
    yield Row("one ingest", str(result), target, max(result.noticed) <= NOTICED_WITHIN)
