"""Two ingest replicas share the mailboxes; when one dies, the other takes over its share, and no mail is lost."""

import asyncio
import time
from collections import Counter
from pathlib import Path

from embedded.processes import Process, wait_ready
from tests.benchmarks.watching import watched
from tests.mails import KNOWLEDGE, an_enquiry
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import require_dovecot
from tests.servers.kafka import KafkaServer
from tests.servers.mail_server import PASSWORD
from tests.servers.owner import drafts
from tests.servers.postgres import Postgres
from tests.servers.stack import a_mailbox, an_organisation, running_stack, until

USERS = [f"geteilt{number}" for number in range(24)]
TAKEN_OVER_WITHIN = 30.0


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
