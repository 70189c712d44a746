"""Hearing of changes through Pub/Sub, from Gmail's telling to a mailbox that looks."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from shared.errors import AuthError, TransientError
from shared.mailbox.gmail import pubsub as subject
from shared.mailbox.gmail.pubsub import Subscription
from tests.contract.gmail import GmailMailbox
from tests.contract.harness import HOUR_AGO, a_mail
from tests.servers.faults import Outcome, forbidden, server_error
from tests.servers.google import Google
from tests.servers.pubsub import SUBSCRIPTION, TOPIC, PubSub, a_pubsub

pytest_plugins = ("tests.servers.fixtures",)

ANNA, BERND = "anna@hotel-seeblick.example", "bernd@hotel-seeblick.example"


@pytest.fixture
async def pubsub(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[PubSub]:
    monkeypatch.setattr(subject, "_PAUSE_SECONDS", 0.02)
    async with a_pubsub() as server:
        yield server


@pytest.fixture
async def subscription(pubsub: PubSub) -> AsyncGenerator[Subscription]:
    opened = Subscription(SUBSCRIPTION, pubsub.key, url=pubsub.url)
    yield opened
    await opened.close()


async def test_addresses_are_told_and_acknowledged_when_the_next_are_asked_for(
    pubsub: PubSub, subscription: Subscription
) -> None:
    changes = subscription.changes()
    for email in (ANNA, BERND.title(), ANNA):
        pubsub.tell(TOPIC, email, "17")
    assert await anext(changes) == {ANNA, BERND}
    assert len(pubsub.waiting) == 3
    following = asyncio.create_task(anext(changes))
    await asyncio.sleep(0.1)
    assert not pubsub.waiting
    pubsub.tell(TOPIC, BERND, "18")
    assert await asyncio.wait_for(following, 5) == {BERND}
    assert pubsub.tokens_given == 1
    await changes.aclose()


async def test_what_was_not_handed_on_is_told_again(pubsub: PubSub, subscription: Subscription) -> None:
    pubsub.tell(TOPIC, ANNA, "17")
    for _ in range(2):
        changes = subscription.changes()
        assert await anext(changes) == {ANNA}
        await changes.aclose()


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff", b'{"other": 1}'])
async def test_a_message_that_is_none_of_gmails_stops_nothing(
    pubsub: PubSub, subscription: Subscription, data: bytes
) -> None:
    pubsub.publish(data)
    pubsub.tell(TOPIC, ANNA, "17")
    changes = subscription.changes()
    assert await anext(changes) == {ANNA}
    await changes.aclose()


@pytest.mark.parametrize(
    ("outcome", "kind", "reason"),
    [(server_error(), TransientError, "server_error"), (forbidden(), AuthError, "access_denied")],
)
async def test_errors_have_fixed_reasons_and_it_goes_on_afterwards(
    pubsub: PubSub, subscription: Subscription, outcome: Outcome, kind: type[Exception], reason: str
) -> None:
    pubsub.tell(TOPIC, ANNA, "17")
    pubsub.faults.plan("POST", ":pull", outcome)
    with pytest.raises(kind, match=f"^{reason}$"):
        await anext(subscription.changes())
    changes = subscription.changes()
    assert await anext(changes) == {ANNA}
    await changes.aclose()


async def test_a_key_that_google_refuses_is_named_as_such(pubsub: PubSub) -> None:
    subscription = Subscription(
        SUBSCRIPTION, pubsub.key | {"client_email": "another@hotel.iam.gserviceaccount.com"}, url=pubsub.url
    )
    with pytest.raises(AuthError, match=r"^access_denied$"):
        await anext(subscription.changes())
    await subscription.close()


async def test_a_mail_reaches_a_watch_that_hardly_ever_polls(
    google: Google, pubsub: PubSub, subscription: Subscription
) -> None:
    mailbox = GmailMailbox(google)
    mailbox.polled = 300
    google.google.gmail.tell = pubsub.tell
    try:
        watch = await mailbox.watch(topic=TOPIC)
        cursor = (await watch.catch_up(None, HOUR_AGO)).cursor
        waiting = asyncio.create_task(watch.wait(300))
        await mailbox.deliver(a_mail())
        changes = subscription.changes()
        assert mailbox.person.email in await anext(changes)
        mailbox.push.changed.set()
        await asyncio.wait_for(waiting, 5)
        assert len((await watch.catch_up(cursor, HOUR_AGO)).seen) == 1
        await changes.aclose()
    finally:
        google.google.gmail.tell = None
        await mailbox.close()
