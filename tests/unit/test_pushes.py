"""What a provider tells reaches the watcher that waits for it, also where it told before anybody could hear."""

import asyncio
from typing import Any
from uuid import uuid4

from pydantic import SecretStr

from ingest.pushes import Pushes
from ingest.settings import Settings
from shared.config import GmailAccount, Mailbox
from shared.events import Event, MailboxChanged
from shared.mailbox.opening import Opener
from shared.mailbox.protocol import Watch
from shared.mailbox.push import Push

SETTINGS = Settings(service_token=SecretStr("token"), database_url=SecretStr("postgresql://"))
MAILBOX = Mailbox.model_validate(
    {
        "id": uuid4(),
        "organisation_id": uuid4(),
        "assistant_id": uuid4(),
        "revision": 1,
        "address": "info@hotel-seeblick.example",
        "active": True,
        "watch_since": "2026-01-01T00:00:00Z",
        "account": GmailAccount(),
    }
)


class Doors(Opener):
    """Opens nothing, and remembers what it was to open with."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []

    async def watch(self, mailbox: Mailbox, push: Push, **options: Any) -> Watch:
        self.pushes.append(push)
        return None  # type: ignore[return-value]


class ABus:
    def __init__(self) -> None:
        self.started = asyncio.Event()

    async def publish(self, *events: Event) -> None:
        await self.started.wait()


async def test_who_watches_is_woken_and_nobody_else() -> None:
    doors, bus = Doors(), ABus()
    pushes = Pushes(doors, SETTINGS, lambda: (), bus.publish)
    await pushes.connect(MAILBOX)
    await pushes.mailbox_changed(MailboxChanged(mailbox_id=uuid4()))
    assert not doors.pushes[0].changed.is_set()
    await pushes.mailbox_changed(MailboxChanged(mailbox_id=MAILBOX.id, in_doubt=True))
    assert doors.pushes[0].changed.is_set()
    assert doors.pushes[0].in_doubt


async def test_who_watches_looks_once_more_when_the_bus_has_started() -> None:
    doors, bus = Doors(), ABus()
    pushes = Pushes(doors, SETTINGS, lambda: (), bus.publish)
    async with pushes.running():
        await pushes.connect(MAILBOX)
        await asyncio.sleep(0.01)
        assert not doors.pushes[0].changed.is_set()
        bus.started.set()
        await asyncio.wait_for(doors.pushes[0].changed.wait(), 1)
