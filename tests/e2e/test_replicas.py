"""Two replicas share the work: one takes over what a dead one had, and both hear of what concerns each."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.request import urlopen

import psycopg

from embedded.processes import Process, wait_ready
from tests.benchmarks.watching import watched
from tests.mails import KNOWLEDGE, an_enquiry
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import require_dovecot
from tests.servers.kafka import KafkaServer
from tests.servers.mail_server import PASSWORD
from tests.servers.owner import drafts
from tests.servers.postgres import Postgres
from tests.servers.stack import a_mailbox, an_organisation, created, running_stack, until

USERS = [f"geteilt{number}" for number in range(24)]
TAKEN_OVER_WITHIN = 30.0
KNOWN_WITHIN = 2.0
BREAKFAST = KNOWLEDGE[0]


def mails_to_all(dovecot: Dovecot) -> dict[str, str]:
    """The Message-ID that each user was sent."""
    mails = {user: an_enquiry(number) for number, user in enumerate(USERS)}
    for user, (_, mail) in mails.items():
        dovecot.deliver(user, mail)
    return {user: message_id for user, (message_id, _) in mails.items()}


def answers(dovecot: Dovecot) -> dict[str, Counter[str]]:
    """How many drafts answer which Message-ID, in each mailbox."""
    return {user: Counter(str(draft["In-Reply-To"]) for draft in drafts(dovecot, user)) for user in USERS}


async def shared_by(*replicas: Process) -> None:
    """Until every mailbox is watched, each replica watches some, and none is watched twice."""

    def shared() -> bool:
        counts = [watched(replica) for replica in replicas]
        return sum(counts) == len(USERS) and min(counts) > 0

    await until(shared, 60)


async def test_a_dead_replicas_mailboxes_move_to_the_other(
    postgres: Postgres, database: str, kafka: KafkaServer, tmp_path: Path
) -> None:
    require_dovecot()
    with Dovecot() as dovecot:
        async with running_stack(postgres, database, kafka.bootstrap, tmp_path) as stack:
            path, assistant = await an_organisation(stack.api, KNOWLEDGE)
            for user in USERS:
                await a_mailbox(stack.api, path, assistant, user, dovecot.port, PASSWORD)
            survivor, victim = stack.processes["ingest"], stack.process("ingest")
            stack.processes["second ingest"] = victim
            victim.start()
            await wait_ready([victim])
            await shared_by(survivor, victim)

            first = mails_to_all(dovecot)
            await until(lambda: answers(dovecot) == {user: Counter([first[user]]) for user in USERS}, 30)

            await asyncio.to_thread(victim.kill)
            killed = time.monotonic()
            second = mails_to_all(dovecot)
            expected = {user: Counter([first[user], second[user]]) for user in USERS}
            await until(lambda: answers(dovecot) == expected, TAKEN_OVER_WITHIN)
            assert time.monotonic() - killed < TAKEN_OVER_WITHIN
            assert watched(survivor) == len(USERS)
            await until(lambda: stack.states() == {"drafted": 2 * len(USERS)}, 10)
            assert answers(dovecot) == expected


def figure(process: Process, name: str, label: str = "") -> float:
    """A metric of the process; the sum over those with this label."""
    labels = rf"{{.*{label}.*}}" if label else ""
    with urlopen(f"http://127.0.0.1:{process.port}/metrics", timeout=10) as answer:
        return sum(map(float, re.findall(rf"^{name}{labels} (\S+)$", answer.read().decode(), re.MULTILINE)))


def handled(drafters: Sequence[Process]) -> list[float]:
    """How many mails each has drafted for."""
    return [figure(drafter, "kinamik_events_handled_total", 'group="drafter"') for drafter in drafters]


def revision(conninfo: str) -> int:
    with psycopg.connect(conninfo) as database:
        row = database.execute("SELECT n FROM config.revision").fetchone()
    assert row is not None
    return row[0]


async def ask_for_breakfast(dovecot: Dovecot, known: Sequence[str]) -> list[str]:
    """A mail to each; all drafts beside the `known`, once there are as many."""
    for number, user in enumerate(USERS):
        dovecot.deliver(user, an_enquiry(3 * number)[1])

    def texts() -> list[str]:
        return [str(draft) for user in USERS for draft in drafts(dovecot, user)]

    await until(lambda: len(texts()) == len(known) + len(USERS), 60)
    return [text for text in texts() if text not in known]


async def test_a_change_of_knowledge_reaches_every_drafter_at_once(
    postgres: Postgres, database: str, kafka: KafkaServer, tmp_path: Path
) -> None:
    require_dovecot()
    conninfo = postgres.conninfo(database)
    with Dovecot() as dovecot:
        async with running_stack(postgres, database, kafka.bootstrap, tmp_path) as stack:
            path, assistant = await an_organisation(stack.api, KNOWLEDGE[1:])
            for user in USERS:
                await a_mailbox(stack.api, path, assistant, user, dovecot.port, PASSWORD)
            replicas = [stack.processes["drafter"], stack.process("drafter")]
            stack.processes["second drafter"] = replicas[1]
            replicas[1].start()
            await wait_ready(replicas)
            first = await ask_for_breakfast(dovecot, [])
            assert not any("10:30" in text for text in first)
            before = handled(replicas)

            await created(stack.api, f"{path}/assistants/{assistant}/knowledge", **BREAKFAST)
            changed = revision(conninfo)

            def known() -> bool:
                return all(figure(each, "kinamik_config_revision") >= changed for each in replicas)

            await until(known, KNOWN_WITHIN)

            second = await ask_for_breakfast(dovecot, first)
            assert all("10:30" in text for text in second)
            assert all(now > then for then, now in zip(before, handled(replicas), strict=True))
