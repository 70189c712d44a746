"""A slow model: how many calls one drafter process has in flight, and that a SIGKILL in the middle loses nothing.

On Kafka, with a model that takes 5 s for an answer. `python -m tests.benchmarks in_flight`.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.systems import Missing, on_kafka
from tests.benchmarks.table import Row
from tests.mails import KNOWLEDGE, an_enquiry
from tests.servers.dovecot import Dovecot, dovecot_available
from tests.servers.mail_server import PASSWORD
from tests.servers.model_stub import ModelStub
from tests.servers.owner import drafts
from tests.servers.stack import Stack, a_mailbox, an_organisation, until

MAILBOXES = 24
MAILS = 900
DELAY_SECONDS = 5.0
GOAL = 500
PATIENCE = 120.0
USERS = [f"langsam{number}" for number in range(MAILBOXES)]


@dataclass(frozen=True)
class InFlight:
    """`most` calls at once; after the kill, `missing` and `doubled` drafts, and the ledger's states."""

    most: int
    seconds: float
    missing: int
    doubled: int
    states: dict[str, int]

    def __str__(self) -> str:
        outcome = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return (
            f"{self.most} calls at once; SIGKILL in the middle, then {outcome} after {self.seconds:.0f} s, "
            f"{self.missing} missing, {self.doubled} doubled"
        )


async def measure(stack: Stack, dovecot: Dovecot, model: ModelStub) -> InFlight:
    """`model` takes DELAY_SECONDS. Raises TimeoutError where GOAL calls at once are never reached."""
    path, assistant = await an_organisation(stack.api, KNOWLEDGE)
    for user in USERS:
        await a_mailbox(stack.api, path, assistant, user, dovecot.port, PASSWORD)
    began = time.monotonic()
    wanted = await asyncio.to_thread(_deliver, dovecot)
    await until(lambda: model.stats()["in_flight"] >= GOAL, PATIENCE)
    await asyncio.to_thread(stack.processes["drafter"].kill)
    most = model.stats()["max_in_flight"]
    stack.processes["drafter"].start()

    def all_settled() -> bool:
        states = stack.states()
        return sum(states.values()) == MAILS and "pending" not in states

    await until(all_settled, PATIENCE)
    seconds = time.monotonic() - began
    found = await asyncio.to_thread(_answered, dovecot)
    return InFlight(
        most=most,
        seconds=seconds,
        missing=(wanted - found).total(),
        doubled=(found - wanted).total(),
        states=stack.states(),
    )


def _deliver(dovecot: Dovecot) -> Counter[str]:
    """The Message-IDs, each once."""
    mails = [an_enquiry(number) for number in range(MAILS)]
    for number, (_, mail) in enumerate(mails):
        dovecot.deliver(USERS[number % MAILBOXES], mail)
    return Counter(message_id for message_id, _ in mails)


def _answered(dovecot: Dovecot) -> Counter[str]:
    """How many drafts answer which Message-ID."""
    return Counter(str(draft["In-Reply-To"]).strip() for user in USERS for draft in drafts(dovecot, user))


async def _alone() -> InFlight:
    if missing := dovecot_available():
        raise Missing(f"Dovecot: {missing}")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kinamik-in-flight-")))
        dovecot = stack.enter_context(Dovecot())
        model = stack.enter_context(ModelStub(delay=DELAY_SECONDS))
        settings = {"KINAMIK_LLM_BASE_URL": model.base_url, "KINAMIK_LLM_MODEL": "stub"}
        system = await stack.enter_async_context(on_kafka(folder, **settings))
        assert system.stack is not None
        return await measure(system.stack, dovecot, model)


def rows() -> Iterator[Row]:
    """Lines of the table."""
    result = asyncio.run(_alone())
    met = result.most >= GOAL and result.states == {"drafted": MAILS} and not (result.missing or result.doubled)
    yield Row("Kafka", str(result), f"at least {GOAL} at once, nothing lost", met)
