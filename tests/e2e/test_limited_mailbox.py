"""A mailbox that its provider limits waits by itself: nobody else's mail is noticed or answered later for that."""

import asyncio
from pathlib import Path

import pytest

from tests.mails import KNOWLEDGE, an_enquiry
from tests.servers.config_api import a_master_key
from tests.servers.connected import REDIRECT, connecting, endpoints
from tests.servers.faults import Outcome, throttled
from tests.servers.google import PEOPLE, Google, require_emulate
from tests.servers.graph import GraphServer
from tests.servers.kafka import KafkaServer
from tests.servers.kinds import OnGmail
from tests.servers.postgres import Postgres
from tests.servers.stack import an_organisation, running_stack, until

WAITING = 40
"""More than one mailbox may have with the drafter at once."""
ANSWERED_WITHIN = 8.0
FOR_EVER = 100_000
SETTINGS = {"KINAMIK_POLL_SECONDS": "1", "KINAMIK_REDRIVE_AFTER": "5", "KINAMIK_REDRIVE_EVERY": "1"}


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        pytest.param("POST", "/drafts$", throttled(3), id="a draft, in three seconds"),
        pytest.param("POST", "/drafts$", throttled(600), id="a draft, in ten minutes"),
        pytest.param("", "", throttled(3), id="anything, in three seconds"),
    ],
)
async def test_a_limited_mailbox_delays_nobody_else(
    postgres: Postgres,
    database: str,
    kafka: KafkaServer,
    graph: GraphServer,
    tmp_path: Path,
    method: str,
    path: str,
    limit: Outcome,
) -> None:
    require_emulate()
    keys = a_master_key("first")
    with Google(redirects=[REDIRECT], mailboxes=0) as google:
        limited, *others = [OnGmail(google, person) for person in PEOPLE]
        environment = endpoints(google, graph)
        settings = SETTINGS | environment | {"KINAMIK_MASTER_KEYS": keys}
        async with running_stack(postgres, database, kafka.bootstrap, tmp_path, **settings) as stack:
            organisation, assistant = await an_organisation(stack.api, KNOWLEDGE)
            async with connecting(postgres.url(database), keys, organisation, assistant, environment) as connections:
                for person in PEOPLE:
                    await connections.connect("gmail", person)
            for each in others:
                await asyncio.to_thread(each.deliver, an_enquiry(0)[1])
            await until(lambda: all(each.drafts() == 1 for each in others), 60)

            google.google.faults.plan(method, path, limit, times=FOR_EVER, user=limited.address)
            for number in range(WAITING):
                await asyncio.to_thread(limited.deliver, an_enquiry(number)[1])
            refused = google.google.faults.unmet()
            await until(lambda: google.google.faults.unmet() < refused, 30)
            for known in range(1, 6):
                for each in others:
                    await asyncio.to_thread(each.deliver, an_enquiry(known)[1])
                await until(lambda known=known: all(each.drafts() > known for each in others), ANSWERED_WITHIN)
            assert limited.drafts() == 0
