"""From a message in a mailbox to an event: read it, judge it, hand it on."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import structlog
from prometheus_client import Counter, Histogram

from ingest.entries import Entry
from ingest.gate import OwnAddresses, judge
from ingest.ledger import TOO_OLD, Ledger
from ingest.settings import Settings
from shared.bus.delivery import ids_of
from shared.config import Mailbox
from shared.events import Event, MessageReceived, MessageSettled, Outcome
from shared.mailbox.mime import parse
from shared.mailbox.protocol import Fetched, MessageUnreadable, Watch
from shared.tracing import message_span

log = structlog.get_logger(__name__)

JUDGED = Counter("kinamik_messages_judged_total", "Messages read, by what the gate made of them", ["verdict"])
JUDGED.labels("wanted")
HANDED_ON = Counter("kinamik_messages_handed_on_total", "Messages handed on, the first time or again", ["time"])
for _time in ("first", "again"):
    HANDED_ON.labels(_time)
ARRIVAL_TO_HANDED_ON = Histogram(
    "kinamik_arrival_to_handed_on_seconds",
    "From the server's INTERNALDATE to the event on the bus, for messages that a person would have to answer",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 3600),
)

BATCH = 16
LARGE_BYTES = 100_000
WAIT_FOR_ROOM_SECONDS = 0.25

Publish = Callable[..., Awaitable[None]]


class Intake:
    """Hands on what the ledger says is due, for one mailbox at most once at a time."""

    def __init__(self, ledger: Ledger, publish: Publish, settings: Settings) -> None:
        self._ledger = ledger
        self._publish = publish
        self._settings = settings
        self._turns: defaultdict[UUID, asyncio.Lock] = defaultdict(asyncio.Lock)

    def is_busy_with(self, mailbox_id: UUID) -> bool:
        return self._turns[mailbox_id].locked()

    async def run(self, mailbox: Mailbox, own: OwnAddresses, watch: Watch) -> None:
        """Until nothing is due any more; waits while too much of this mailbox is in flight.

        Raises what `watch` raises, and TransientError where the bus does not take events.
        """
        async with self._turns[mailbox.id]:
            await self._until_nothing_is_due(mailbox, own, watch)

    async def _until_nothing_is_due(self, mailbox: Mailbox, own: OwnAddresses, watch: Watch) -> None:
        while await self._ledger.is_waiting(mailbox.id, redrive_after=self._settings.redrive_after):
            entries = await self._ledger.due(
                mailbox.id,
                redrive_after=self._settings.redrive_after,
                in_flight=self._settings.in_flight_per_mailbox,
                limit=BATCH,
            )
            if entries:
                await self._hand_on(entries, mailbox, own, watch)
            else:
                await asyncio.sleep(WAIT_FOR_ROOM_SECONDS)

    async def _hand_on(self, entries: Sequence[Entry], mailbox: Mailbox, own: OwnAddresses, watch: Watch) -> None:
        began = time.time_ns()
        left = {entry.ref: entry for entry in entries}
        ready: dict[UUID, Event] = {}
        for entry in entries:
            if early := self._without_reading(entry, mailbox):
                ready[entry.id] = _settled(entry, mailbox, *early)
                del left[entry.ref]
        unreadable: list[UUID] = []
        try:
            async for fetched in watch.fetch(list(left)):
                entry = left.pop(fetched.ref)
                ready[entry.id] = await self._event(entry, mailbox, own, fetched)
            ready |= {entry.id: _settled(entry, mailbox, Outcome.SKIPPED, "message_gone") for entry in left.values()}
        except MessageUnreadable:
            # Tried again with the redrive, until that gives up.
            unreadable = [entry.id for entry in left.values()]
        finally:
            # What was read before the server failed need not be read again.
            told = (self._tell(entry, ready[entry.id], began) for entry in entries if entry.id in ready)
            await asyncio.gather(*told)
            _count([entry for entry in entries if entry.id in ready], ready)
            await self._ledger.handed_on([*ready, *unreadable])

    async def _tell(self, entry: Entry, event: Event, began: int) -> None:
        with message_span(entry.id, ids_of(event), began=began, again=entry.publications > 0):
            await self._publish(event)

    def _without_reading(self, entry: Entry, mailbox: Mailbox) -> tuple[Outcome, str] | None:
        if entry.publications >= self._settings.redrive_limit:
            return Outcome.FAILED, "gave_up"
        if entry.received_at < mailbox.watch_since:
            return Outcome.SKIPPED, TOO_OLD
        return None

    async def _event(self, entry: Entry, mailbox: Mailbox, own: OwnAddresses, fetched: Fetched) -> Event:
        """A message that cannot be read is settled as failed: it must not stop the ones behind it."""
        try:
            if len(fetched.raw) > LARGE_BYTES:
                return await asyncio.to_thread(_judge, entry, mailbox, own, fetched)
            return _judge(entry, mailbox, own, fetched)
        except Exception:
            log.exception("unreadable_message", mailbox_id=str(mailbox.id), message_id=str(entry.id))
            JUDGED.labels("unreadable").inc()
            return _settled(entry, mailbox, Outcome.FAILED, "unreadable")


def _judge(entry: Entry, mailbox: Mailbox, own: OwnAddresses, fetched: Fetched) -> Event:
    parsed = parse(fetched.raw, truncated=fetched.truncated)
    reason = judge(parsed, flags=fetched.flags, own=own)
    JUDGED.labels(reason or "wanted").inc()
    if reason:
        return _settled(entry, mailbox, Outcome.SKIPPED, reason)
    return MessageReceived(
        organisation_id=entry.organisation_id,
        mailbox_id=mailbox.id,
        assistant_id=mailbox.assistant_id,
        message_id=entry.id,
        generation=entry.generation,
        received_at=entry.received_at,
        provider_id=entry.ref.id,
        mail=parsed.mail,
    )


def _count(entries: Sequence[Entry], ready: Mapping[UUID, Event]) -> None:
    for entry in entries:
        HANDED_ON.labels("again" if entry.publications else "first").inc()
        if isinstance(ready[entry.id], MessageReceived) and not entry.publications:
            ARRIVAL_TO_HANDED_ON.observe(max(0.0, (datetime.now(UTC) - entry.received_at).total_seconds()))


def _settled(entry: Entry, mailbox: Mailbox, outcome: Outcome, reason: str) -> MessageSettled:
    return MessageSettled(
        organisation_id=entry.organisation_id,
        mailbox_id=mailbox.id,
        assistant_id=mailbox.assistant_id,
        message_id=entry.id,
        generation=entry.generation,
        received_at=entry.received_at,
        outcome=outcome,
        reason=reason,
    )
