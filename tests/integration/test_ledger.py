"""The ledger on a real PostgreSQL."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from ingest.entries import Entry
from ingest.ledger import TOO_OLD, Ledger
from shared.config import Mailbox
from shared.events import MessageSettled, Outcome
from shared.mailbox.protocol import CatchUp, Cursor, MessageRef, Seen
from tests.servers.ledger import watched_since

MORNING = datetime(2026, 3, 3, 8, tzinfo=UTC)


@pytest.fixture
def mailbox() -> Mailbox:
    return watched_since(MORNING - timedelta(days=30))


def seen(uid: int, *, uidvalidity: int = 1, mail: str | None = None, at: datetime = MORNING) -> Seen:
    """A sighting of the mail called `mail`, by default the one that had this UID from the start."""
    fingerprint = (mail or f"mail {uid}").encode()
    return Seen(MessageRef("INBOX", uidvalidity, str(uid)), at, 1000, fingerprint, frozenset())


def news(*items: Seen, uid_next: int, uidvalidity: int = 1, rebased: bool = False) -> CatchUp:
    return CatchUp(items, Cursor(uidvalidity, str(uid_next)), rebased)


async def due(ledger: Ledger, mailbox: Mailbox, *, redrive_after: float = 600, in_flight: int = 100) -> Sequence[Entry]:
    return await ledger.due(mailbox.id, redrive_after=redrive_after, in_flight=in_flight, limit=100)


def end(mailbox: Mailbox, entry: Entry, outcome: Outcome = Outcome.DRAFTED, generation: int = 0) -> MessageSettled:
    return MessageSettled(
        organisation_id=mailbox.organisation_id,
        mailbox_id=mailbox.id,
        assistant_id=mailbox.assistant_id,
        message_id=entry.id,
        generation=generation,
        received_at=entry.received_at,
        outcome=outcome,
    )


async def test_a_new_mailbox_begins_with_its_start(ledger: Ledger, mailbox: Mailbox) -> None:
    assert await ledger.cursor(mailbox) == (None, mailbox.watch_since)


async def test_messages_and_cursor_are_recorded_together(ledger: Ledger, mailbox: Mailbox) -> None:
    await ledger.record(mailbox, news(seen(4), seen(5), uid_next=6, rebased=True))
    cursor, _ = await ledger.cursor(mailbox)
    assert cursor == Cursor(1, "6")
    assert [int(entry.ref.id) for entry in await due(ledger, mailbox)] == [4, 5]


async def test_a_sighting_counts_once(ledger: Ledger, mailbox: Mailbox) -> None:
    await ledger.record(mailbox, news(seen(4), uid_next=5, rebased=True))
    await ledger.record(mailbox, news(seen(4), seen(5), uid_next=6))
    assert [int(entry.ref.id) for entry in await due(ledger, mailbox)] == [4, 5]


async def test_two_mails_that_look_alike_are_two(ledger: Ledger, mailbox: Mailbox) -> None:
    await ledger.record(mailbox, news(seen(4, mail="parcel"), seen(5, mail="parcel"), uid_next=6, rebased=True))
    assert len(await due(ledger, mailbox)) == 2


async def test_a_message_is_settled_once(ledger: Ledger, mailbox: Mailbox) -> None:
    await ledger.record(mailbox, news(seen(4), uid_next=5, rebased=True))
    (entry,) = await due(ledger, mailbox)
    ends = [end(mailbox, entry), end(mailbox, entry, Outcome.FAILED), end(mailbox, entry)]
    assert sorted(await asyncio.gather(*map(ledger.settle, ends))) == [False, False, True]
    assert await due(ledger, mailbox, redrive_after=0) == []


async def test_what_was_handed_on_comes_back_only_when_it_is_late(ledger: Ledger, mailbox: Mailbox) -> None:
    await ledger.record(mailbox, news(seen(4), uid_next=5, rebased=True))
    (entry,) = await due(ledger, mailbox)
    await ledger.handed_on([entry.id])
    assert await due(ledger, mailbox) == []
    assert await ledger.mailboxes_waiting(redrive_after=600) == set()
    (late,) = await due(ledger, mailbox, redrive_after=0)
    assert (late.id, late.publications) == (entry.id, 1)
    assert await ledger.mailboxes_waiting(redrive_after=0) == {mailbox.id}


async def test_only_so_many_are_in_flight(ledger: Ledger, mailbox: Mailbox) -> None:
    await ledger.record(mailbox, news(*map(seen, range(1, 11)), uid_next=11, rebased=True))
    first = await due(ledger, mailbox, in_flight=3)
    assert [int(entry.ref.id) for entry in first] == [1, 2, 3]
    await ledger.handed_on(entry.id for entry in first)
    assert await due(ledger, mailbox, in_flight=3) == []
    await ledger.settle(end(mailbox, first[0]))
    assert [int(entry.ref.id) for entry in await due(ledger, mailbox, in_flight=3)] == [4]


async def test_one_mailbox_does_not_use_up_anothers_share(ledger: Ledger, mailbox: Mailbox) -> None:
    other = mailbox.model_copy(update={"id": uuid4()})
    for each in (mailbox, other):
        await ledger.record(each, news(seen(1), seen(2), uid_next=3, rebased=True))
    loud = await due(ledger, mailbox, in_flight=2)
    await ledger.handed_on(entry.id for entry in loud)
    assert len(await due(ledger, other, in_flight=2)) == 2


async def test_after_a_change_of_uidvalidity_nothing_is_new_that_was_known(ledger: Ledger, mailbox: Mailbox) -> None:
    await ledger.record(mailbox, news(seen(1), seen(2), uid_next=3, rebased=True))
    done, open_one = await due(ledger, mailbox)
    await ledger.settle(end(mailbox, done))
    sightings = [seen(uid, uidvalidity=9, mail=f"mail {uid - 10}") for uid in (11, 12, 13)]
    await ledger.record(mailbox, news(*sightings, uid_next=14, uidvalidity=9, rebased=True))
    entries = await due(ledger, mailbox)
    assert [(entry.ref.uidvalidity, int(entry.ref.id)) for entry in entries] == [(9, 12), (9, 13)]
    assert entries[0].id == open_one.id


async def test_a_uidvalidity_that_comes_back_is_no_trap(ledger: Ledger, mailbox: Mailbox) -> None:
    await ledger.record(mailbox, news(seen(1), seen(2), uid_next=3, rebased=True))
    there = seen(1, uidvalidity=2, mail="mail 2")
    await ledger.record(mailbox, news(there, uid_next=2, uidvalidity=2, rebased=True))
    back = [seen(1, mail="another"), seen(2, mail="mail 2")]
    await ledger.record(mailbox, news(*back, uid_next=3, uidvalidity=1, rebased=True))
    assert len(await due(ledger, mailbox)) == 3


class TestStableIds:
    """Where an id never means another message, a provider's history expires without ids losing their meaning."""

    async def test_an_expired_history_lists_nothing_as_new_that_was_known(
        self, ledger: Ledger, mailbox: Mailbox
    ) -> None:
        await ledger.record(mailbox, news(seen(1, uidvalidity=0), seen(2, uidvalidity=0), uid_next=3, uidvalidity=0))
        done, open_one = await due(ledger, mailbox)
        await ledger.settle(end(mailbox, done))
        again = [seen(uid, uidvalidity=0) for uid in (1, 2, 3)]
        await ledger.record(mailbox, news(*again, uid_next=4, uidvalidity=0, rebased=True))
        entries = await due(ledger, mailbox)
        assert [entry.ref.id for entry in entries] == ["2", "3"]
        assert entries[0].id == open_one.id

    async def test_what_was_too_old_to_be_listed_is_still_known_when_it_moves_back(
        self, ledger: Ledger, mailbox: Mailbox
    ) -> None:
        await ledger.record(mailbox, news(seen(1, uidvalidity=0), uid_next=2, uidvalidity=0))
        (entry,) = await due(ledger, mailbox)
        await ledger.settle(end(mailbox, entry))
        await ledger.record(mailbox, news(uid_next=3, uidvalidity=0, rebased=True))
        await ledger.record(mailbox, news(seen(1, uidvalidity=0), uid_next=4, uidvalidity=0))
        assert await due(ledger, mailbox) == []


async def test_the_horizon_reaches_back_to_the_oldest_open_message(ledger: Ledger, mailbox: Mailbox) -> None:
    await ledger.record(mailbox, news(seen(1, at=MORNING), seen(2), uid_next=3, rebased=True))
    _, horizon = await ledger.cursor(mailbox)
    assert horizon == MORNING - timedelta(days=1)


async def test_failed_messages_can_be_opened_again(ledger: Ledger, mailbox: Mailbox) -> None:
    await ledger.record(mailbox, news(seen(1), seen(2), uid_next=3, rebased=True))
    first, second = await due(ledger, mailbox)
    failed = end(mailbox, first, Outcome.FAILED).model_copy(update={"reason": "quota_exceeded"})
    await ledger.settle(failed)
    await ledger.settle(end(mailbox, second))
    assert await ledger.failures() == [("quota_exceeded", 1)]
    assert await ledger.reopen(reason="something_else") == 0
    assert await ledger.reopen(mailbox_id=UUID(int=0)) == 0
    assert await ledger.reopen(reason="quota_exceeded", mailbox_id=mailbox.id) == 1
    (again,) = await due(ledger, mailbox)
    assert (again.id, again.generation) == (first.id, 1)
    assert await ledger.settle(failed) is False, "an end of the last generation ends nothing now"
    assert await ledger.settle(end(mailbox, again, generation=1)) is True


class TestWatchSinceMovesBack:
    """The owner wants mail looked at that was there before the mailbox was, or arrived while it was off."""

    def earlier(self, mailbox: Mailbox, **span: float) -> Mailbox:
        return mailbox.model_copy(update={"watch_since": mailbox.watch_since - timedelta(**span)})

    async def test_everything_since_then_is_listed_once(self, ledger: Ledger, mailbox: Mailbox) -> None:
        await ledger.record(mailbox, news(seen(5), uid_next=6, rebased=True))
        assert (await ledger.cursor(mailbox))[0] == Cursor(1, "6")
        earlier = self.earlier(mailbox, days=3)
        assert await ledger.cursor(earlier) == (None, earlier.watch_since)
        before = seen(4, at=earlier.watch_since)
        await ledger.record(earlier, news(before, seen(5), uid_next=6, rebased=True))
        assert sorted(int(entry.ref.id) for entry in await due(ledger, mailbox)) == [4, 5]
        assert (await ledger.cursor(earlier))[0] == Cursor(1, "6")

    async def test_what_has_its_end_keeps_it(self, ledger: Ledger, mailbox: Mailbox) -> None:
        await ledger.record(mailbox, news(seen(4), seen(5), uid_next=6, rebased=True))
        first, second = await due(ledger, mailbox)
        await ledger.settle(end(mailbox, first))
        await ledger.settle(end(mailbox, second, Outcome.SKIPPED))
        await ledger.record(self.earlier(mailbox, days=3), news(seen(4), seen(5), uid_next=6, rebased=True))
        assert await due(ledger, mailbox) == []

    async def test_what_is_known_from_another_uidvalidity_is_no_news(self, ledger: Ledger, mailbox: Mailbox) -> None:
        await ledger.record(mailbox, news(seen(4), uid_next=5, rebased=True))
        await ledger.settle(end(mailbox, *await due(ledger, mailbox)))
        await ledger.record(mailbox, news(uid_next=9, uidvalidity=2, rebased=True))  # too old to be listed then
        again = seen(3, uidvalidity=2, mail="mail 4")
        await ledger.record(self.earlier(mailbox, days=3), news(again, uid_next=9, uidvalidity=2, rebased=True))
        assert await due(ledger, mailbox) == []

    async def test_what_was_too_old_is_opened_again(self, ledger: Ledger, mailbox: Mailbox) -> None:
        sightings = [seen(uid, at=mailbox.watch_since - timedelta(days=uid)) for uid in (1, 2, 3)]
        await ledger.record(mailbox, news(*sightings, uid_next=4, rebased=True))
        for entry in await due(ledger, mailbox):
            passed_over = end(mailbox, entry, Outcome.SKIPPED)
            await ledger.settle(passed_over.model_copy(update={"reason": TOO_OLD}))
        earlier = self.earlier(mailbox, days=2)
        await ledger.record(earlier, news(*sightings[:2], uid_next=4, rebased=True))
        assert sorted((int(entry.ref.id), entry.generation) for entry in await due(ledger, mailbox)) == [(1, 1), (2, 1)]

    async def test_forwards_it_changes_nothing(self, ledger: Ledger, mailbox: Mailbox) -> None:
        await ledger.record(mailbox, news(seen(4), uid_next=5, rebased=True))
        later = self.earlier(mailbox, days=-3)
        assert (await ledger.cursor(later))[0] == Cursor(1, "5")
        await ledger.record(later, news(uid_next=5))
        assert (await ledger.cursor(mailbox))[0] is None
