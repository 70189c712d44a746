"""Mails that wait in ten mailboxes, answered as fast as it goes: Kinamik beside the bare script, on the same server.

The model answers at once, so what is measured is everything else. `python -m tests.benchmarks throughput`.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.systems import Floor, Missing, System, embedded, on_kafka
from tests.benchmarks.table import Row
from tests.mails import an_enquiry
from tests.servers.dovecot import Dovecot, dovecot_available
from tests.servers.kafka import kafka_available
from tests.servers.model_stub import ModelStub
from tests.servers.stack import until

MAILS = int(os.environ.get("KINAMIK_BENCH_THROUGHPUT_MAILS", "2000"))
MAILBOXES = 10
PADDING = 4500
PATIENCE = 300.0


@dataclass(frozen=True)
class Throughput:
    """`cpu` is our own processes' CPU time in seconds, without database and broker."""

    name: str
    mails: int
    seconds: float
    cpu: float

    def __str__(self) -> str:
        rate, each = self.mails / self.seconds, self.cpu / self.mails * 1e3
        return f"{rate:.0f} drafts/s ({self.mails} in {self.seconds:.1f} s), {each:.1f} ms of CPU each"


async def measure(mails: int = MAILS, *, kafka: bool = True) -> list[Throughput]:
    """The bare script's comes first. One after the other, so that none takes the other's cores. Raises Missing."""
    if missing := dovecot_available():
        raise Missing(f"Dovecot: {missing}")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kinamik-throughput-")))
        dovecot = stack.enter_context(Dovecot())
        model = stack.enter_context(ModelStub())
        settings = {"KINAMIK_LLM_BASE_URL": model.base_url, "KINAMIK_LLM_MODEL": "stub"}
        results = [await _bare_script(dovecot, mails)]
        async with embedded(folder / "embedded", **settings) as system:
            results.append(await answered(dovecot, system, mails))
        if kafka:
            async with on_kafka(folder / "kafka", **settings) as system:
                results.append(await answered(dovecot, system, mails))
    return results


async def _bare_script(dovecot: Dovecot, mails: int) -> Throughput:
    users = fill(dovecot, "floor", mails)
    with Floor(dovecot.port, users) as script:
        used, began = script.cpu_seconds(), time.perf_counter()
        script.begin()
        await until(lambda: drafts(dovecot, users) >= mails, PATIENCE)
        return Throughput("bare script", mails, time.perf_counter() - began, script.cpu_seconds() - used)


async def answered(dovecot: Dovecot, system: System, mails: int) -> Throughput:
    """The clock runs from switching the mailboxes on until the last draft is there."""
    users = fill(dovecot, system.name.lower(), mails)
    mailboxes = [await system.mailbox(user, dovecot.port, active=False) for user in users]
    used, began = system.cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(mailbox.switch(system.api, on=True) for mailbox in mailboxes))
    await until(lambda: drafts(dovecot, users) >= mails, PATIENCE)
    return Throughput(system.name, mails, time.perf_counter() - began, system.cpu_seconds() - used)


def fill(dovecot: Dovecot, name: str, mails: int) -> list[str]:
    """Puts the mails into mailboxes of their own; the users."""
    users = [f"{name}{number}" for number in range(MAILBOXES)]
    for number in range(mails):
        dovecot.deliver(users[number % MAILBOXES], an_enquiry(number, padding=PADDING)[1])
    return users


def drafts(dovecot: Dovecot, users: Sequence[str]) -> int:
    """How many the mailboxes hold, as their files say."""
    folders = (dovecot.maildir(user) / ".Drafts" / part for user in users for part in ("cur", "new"))
    return sum(len(os.listdir(folder)) for folder in folders if folder.exists())


def rows() -> Iterator[Row]:
    """Lines of the table."""
    for throughput in asyncio.run(measure(kafka=kafka_available() is None)):
        yield Row(throughput.name, str(throughput))
