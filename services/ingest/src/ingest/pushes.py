"""What providers tell of their own accord, passed on to the watchers that wait for it.

Microsoft tells config-api, which is reachable from outside; Google tells a Pub/Sub subscription, which one of the
replicas pulls. Either way every replica hears of it, and the one that watches the mailbox looks at once.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, nullcontext
from uuid import UUID

import structlog

from ingest.settings import Settings
from shared.config import GmailAccount, Mailbox
from shared.errors import KinamikError
from shared.events import MailboxChanged
from shared.mailbox.opening import Opener
from shared.mailbox.protocol import Watch
from shared.mailbox.push import Push
from shared.tasks import background

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 30.0


class Pushes:
    """`mailboxes` are all that are known, `publish` reaches all replicas."""

    def __init__(
        self,
        opener: Opener,
        settings: Settings,
        mailboxes: Callable[[], Iterable[Mailbox]],
        publish: Callable[..., Awaitable[None]],
    ) -> None:
        self._opener = opener
        self._settings = settings
        self._mailboxes = mailboxes
        self._publish = publish
        self._pushes: dict[UUID, Push] = {}

    async def connect(self, mailbox: Mailbox) -> Watch:
        return await self._opener.watch(
            mailbox,
            self._pushes.setdefault(mailbox.id, Push()),
            poll_seconds=self._settings.poll_seconds,
            gmail_topic=self._settings.gmail_topic,
            push_url=self._settings.push_url,
        )

    async def mailbox_changed(self, event: MailboxChanged) -> None:
        """Another replica's mailbox, or one that is not watched just now, is none of our business."""
        if (push := self._pushes.get(event.mailbox_id)) is not None:
            push.in_doubt = push.in_doubt or event.in_doubt
            push.changed.set()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        subscribed = bool(self._settings.gmail_subscription)
        async with (
            background(self._look_once_heard(), name="pushes"),
            background(self._pull_for_ever(), name="pubsub") if subscribed else nullcontext(),
        ):
            yield

    async def _look_once_heard(self) -> None:
        """What was told before the bus had started was told to nobody, and mailboxes are watched already."""
        await self._publish()
        for push in self._pushes.values():
            push.changed.set()

    async def _pull_for_ever(self) -> None:
        """Where Google cannot be reached, mailboxes are polled all the same."""
        from shared.mailbox.gmail.pubsub import Subscription

        key = json.loads(self._settings.gmail_service_account.get_secret_value())
        subscription = Subscription(self._settings.gmail_subscription, key, url=self._settings.pubsub_url)
        try:
            while True:
                try:
                    async for addresses in subscription.changes():
                        await self._publish(*(MailboxChanged(mailbox_id=each) for each in self._at(addresses)))
                except KinamikError as error:
                    log.warning("pubsub_not_pulled", reason=error.reason)
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            await subscription.close()

    def _at(self, addresses: frozenset[str]) -> list[UUID]:
        gmail = (mailbox for mailbox in self._mailboxes() if isinstance(mailbox.account, GmailAccount))
        return [mailbox.id for mailbox in gmail if mailbox.address.lower() in addresses]
