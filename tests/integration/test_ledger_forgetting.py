"""The ledger forgets what is old, and what it has forgotten never becomes a second draft."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from ingest.entries import Entry
from ingest.forgetting import Forgetting
from ingest.ledger import Ledger
from ingest.tables import messages
from shared.config import Mailbox
from shared.events import MessageSettled, Outcome
from shared.mailbox.imap import open_watch
from shared.mailbox.protocol import CatchUp, Cursor, MessageRef, Seen
from tests.mails import an_enquiry
from tests.servers.dovecot import Dovecot
from tests.servers.ledger import watched_since

NOW = datetime.now(UTC).replace(microsecond=0)
KEPT = 400
LONG_AGO = NOW - timedelta(days=1000)


@pytest.fixture
def forgetting(ledger_engine: AsyncEngine) -> Forgetting:
    return Forgetting(ledger_engine, KEPT)


@pytest.fixture
def mailbox() -> Mailbox:
    return watched_since(LONG_AGO)


def seen(age: float, *, uidvalidity: int = 1, dated: float | None = None, sent: float | None = None) -> Seen:
    """The mail that came `age` days ago; the server may give it another age, and the sender too."""
    ref = MessageRef("INBOX", uidvalidity, str(100_000 - int(age * 10)))
    received, date = (NOW - timedelta(days=days) for days in (dated or age, sent or age))
    return Seen(ref, received, 1000, f"mail {age}".encode(), frozenset(), date)


def listed(*items: Seen, uidvalidity: int = 1, rebased: bool = True) -> CatchUp:
    return CatchUp(items, Cursor(uidvalidity, "200000"), rebased)


async def open_entries(ledger: Ledger, mailbox: Mailbox) -> list[Entry]:
    return await ledger.due(mailbox.id, redrive_after=0, in_flight=1000, limit=1000)


async def settle(ledger: Ledger, mailbox: Mailbox, outcome: Outcome = Outcome.DRAFTED, **but: Entry) -> None:
    for entry in await open_entries(ledger, mailbox):
        if entry not in but.values():
            event = MessageSettled(
                organisation_id=mailbox.organisation_id,
                mailbox_id=mailbox.id,
                assistant_id=mailbox.assistant_id,
                message_id=entry.id,
                generation=entry.generation,
                received_at=entry.received_at,
                outcome=outcome,
            )
            await ledger.settle(event)


async def ages(ledger_engine: AsyncEngine, mailbox: Mailbox) -> list[int]:
    """In days, of all that the ledger has of the mailbox, oldest first."""
    query = select(messages.c.received_at).where(messages.c.mailbox_id == mailbox.id)
    async with ledger_engine.connect() as connection:
        rows = (await connection.execute(query.order_by(messages.c.received_at))).scalars()
        return [round((NOW - received) / timedelta(days=1)) for received in rows]


async def test_what_is_settled_and_old_goes_and_nothing_else(
    ledger_engine: AsyncEngine, ledger: Ledger, forgetting: Forgetting, mailbox: Mailbox
) -> None:
    other = watched_since(LONG_AGO)
    for each in (mailbox, other):
        await ledger.record(each, listed(*map(seen, (600, 500, 399, 3))))
    oldest, *_ = await open_entries(ledger, mailbox)
    await settle(ledger, mailbox, oldest=oldest)
    await forgetting.forget(NOW)
    assert await ages(ledger_engine, mailbox) == [600, 399, 3], "what is open stays however old it is"
    assert await ages(ledger_engine, other) == [600, 500, 399, 3]
    await settle(ledger, mailbox, Outcome.FAILED)
    await forgetting.forget(NOW)
    await forgetting.forget(NOW)
    assert await ages(ledger_engine, mailbox) == [399, 3]


async def test_in_many_small_bites(
    ledger_engine: AsyncEngine, ledger: Ledger, forgetting: Forgetting, mailbox: Mailbox
) -> None:
    await ledger.record(mailbox, listed(*(seen(500 + n / 10) for n in range(2500)), seen(3)))
    async with ledger_engine.begin() as connection:
        await connection.execute(text("UPDATE ingest.message SET state = 'drafted'"))
    await asyncio.gather(forgetting.forget(NOW), Forgetting(ledger_engine, KEPT).forget(NOW))
    assert await ages(ledger_engine, mailbox) == [3]


@pytest.mark.parametrize("why", ["uidvalidity", "an owner looks further back"])
async def test_what_was_forgotten_is_not_new_when_all_is_listed_again(
    ledger_engine: AsyncEngine, ledger: Ledger, forgetting: Forgetting, mailbox: Mailbox, why: str
) -> None:
    everything = (600, 500, 401, 400, 399, 3)
    await ledger.record(mailbox, listed(*map(seen, everything)))
    await settle(ledger, mailbox)
    await forgetting.forget(NOW)
    uidvalidity = 2 if why == "uidvalidity" else 1
    again = [seen(age, uidvalidity=uidvalidity) for age in (*everything, 1)]
    await ledger.record(mailbox, listed(*again, uidvalidity=uidvalidity))
    (new,) = await open_entries(ledger, mailbox)
    assert new.ref == again[-1].ref


async def test_nor_where_the_server_has_given_it_another_date(
    ledger: Ledger, forgetting: Forgetting, mailbox: Mailbox
) -> None:
    """A day's difference is a time zone; any other is a mailbox that was copied to another server."""
    await ledger.record(mailbox, listed(seen(401), seen(500), seen(3)))
    await settle(ledger, mailbox)
    await forgetting.forget(NOW)
    moved = [seen(401, uidvalidity=2, dated=400.5, sent=0.1), seen(500, uidvalidity=2, dated=0.01)]
    await ledger.record(mailbox, listed(*moved, uidvalidity=2))
    assert await open_entries(ledger, mailbox) == []


async def test_after_a_long_absence_what_came_meanwhile_is_new(
    ledger_engine: AsyncEngine, ledger: Ledger, forgetting: Forgetting, mailbox: Mailbox
) -> None:
    """For 500 days nobody could log in, and then UIDs have changed too."""
    await ledger.record(mailbox, listed(seen(600), seen(501)))
    await settle(ledger, mailbox)
    async with ledger_engine.begin() as connection:
        left = text("UPDATE ingest.mailbox SET last_proof_at = :moment")
        await connection.execute(left, {"moment": NOW - timedelta(days=500)})
    await forgetting.forget(NOW)
    assert await ages(ledger_engine, mailbox) == [501], "it was received within a day of the last proof of mail"
    _, horizon = await ledger.cursor(mailbox)
    assert horizon == NOW - timedelta(days=501)
    meanwhile = [seen(age, uidvalidity=2) for age in (501, 500, 450, 3)]
    await ledger.record(mailbox, listed(*meanwhile, uidvalidity=2))
    assert [entry.ref for entry in await open_entries(ledger, mailbox)] == [item.ref for item in meanwhile[1:]]


async def test_what_a_valid_cursor_finds_is_new_whatever_its_date(
    ledger: Ledger, forgetting: Forgetting, mailbox: Mailbox
) -> None:
    await ledger.record(mailbox, listed(seen(500), seen(3)))
    await settle(ledger, mailbox)
    await forgetting.forget(NOW)
    await ledger.record(mailbox, listed(seen(700), rebased=False))
    assert len(await open_entries(ledger, mailbox)) == 1


async def test_what_is_forgotten_is_not_new_when_it_moves_back_where_ids_are_stable(
    ledger: Ledger, forgetting: Forgetting, mailbox: Mailbox
) -> None:
    await ledger.record(mailbox, listed(seen(500, uidvalidity=0), seen(3, uidvalidity=0), uidvalidity=0))
    await settle(ledger, mailbox)
    await forgetting.forget(NOW)
    await ledger.record(mailbox, listed(seen(500, uidvalidity=0), seen(2, uidvalidity=0), uidvalidity=0, rebased=False))
    (entry,) = await open_entries(ledger, mailbox)
    assert entry.ref == seen(2, uidvalidity=0).ref


async def test_a_catch_up_that_is_under_way_meanwhile(
    ledger_engine: AsyncEngine, ledger: Ledger, forgetting: Forgetting, mailbox: Mailbox
) -> None:
    """It has listed all mail before the ledger forgets some, and enters it afterwards."""
    await ledger.record(mailbox, listed(seen(500), seen(3)))
    await settle(ledger, mailbox)
    catch_up = listed(seen(500, uidvalidity=2), seen(3, uidvalidity=2), uidvalidity=2)
    await forgetting.forget(NOW)
    await ledger.record(mailbox, catch_up)
    assert await open_entries(ledger, mailbox) == []
    assert await ages(ledger_engine, mailbox) == [3]


async def test_on_a_server_whose_uids_change(
    ledger_engine: AsyncEngine, ledger: Ledger, forgetting: Forgetting, dovecot: Dovecot
) -> None:
    user = "vergesslich"
    for number, age in enumerate((600, 500, 450, 2)):
        dovecot.deliver(user, an_enquiry(number)[1], NOW - timedelta(days=age))
    mailbox = watched_since(LONG_AGO, dovecot.account(user))
    await catch_up(ledger, mailbox)
    entries = await open_entries(ledger, mailbox)
    await settle(ledger, mailbox, oldest=entries[0])
    await forgetting.forget(NOW)
    assert await ages(ledger_engine, mailbox) == [600, 2]
    await asyncio.to_thread(dovecot.change_uidvalidity, user)
    dovecot.deliver(user, an_enquiry(9)[1], NOW - timedelta(hours=1))
    await catch_up(ledger, mailbox)
    still_open, new = await open_entries(ledger, mailbox)
    assert still_open.id == entries[0].id
    assert still_open.ref.uidvalidity == new.ref.uidvalidity != entries[0].ref.uidvalidity
    assert await ages(ledger_engine, mailbox) == [600, 2, 0]


async def catch_up(ledger: Ledger, mailbox: Mailbox) -> None:
    watch = await open_watch(mailbox.account, mailbox.folder, private_hosts=True)
    try:
        await ledger.record(mailbox, await watch.catch_up(*await ledger.cursor(mailbox)))
    finally:
        await watch.close()
