"""Mailboxes are counted by how they are, and messages by whether they are late; never one by one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from ingest.census import SILENT_SECONDS, Census
from ingest.ledger import Ledger
from shared.events import MailboxStatus
from shared.mailbox.protocol import CatchUp, Cursor, MessageRef, Seen
from tests.observability.figures import figure
from tests.servers.ledger import watched_since


@dataclass
class Watching:
    """As a watcher says of itself."""

    status: MailboxStatus | None = MailboxStatus.WATCHING
    unproved_seconds: float = 1.0
    provider: str = "imap"


async def a_message(ledger: Ledger, *, minutes_ago: int) -> UUID:
    """In a mailbox of its own, whose id it is."""
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    mailbox = watched_since(at - timedelta(days=1))
    seen = Seen(MessageRef("INBOX", 1, "1"), at, 1000, b"mail", frozenset())
    await ledger.record(mailbox, CatchUp([seen], Cursor(1, "2"), rebased=True))
    return mailbox.id


async def test_a_mailbox_without_proof_of_mail_is_silent(ledger: Ledger) -> None:
    watchers = [Watching(), Watching(unproved_seconds=SILENT_SECONDS + 1), Watching(status=None, provider="graph")]
    await Census(ledger, 540).take({uuid4(): each for each in watchers})
    assert figure("kinamik_mailboxes_silent", provider="imap") == 1
    assert figure("kinamik_mailboxes_silent", provider="graph") == 0
    assert figure("kinamik_mailboxes", provider="imap", status="watching") == 2
    assert figure("kinamik_mailboxes", provider="graph", status="new") == 1


async def test_one_that_may_wait_longer_for_news_is_not_silent_so_soon(ledger: Ledger) -> None:
    await Census(ledger, 1200).take({uuid4(): Watching(unproved_seconds=1700)})
    assert figure("kinamik_mailboxes_silent", provider="imap") == 0


async def test_one_that_has_stopped_is_its_owners_to_mend(ledger: Ledger) -> None:
    stopped = Watching(status=MailboxStatus.STOPPED, unproved_seconds=SILENT_SECONDS + 1)
    await Census(ledger, 540).take({await a_message(ledger, minutes_ago=60): stopped})
    assert figure("kinamik_mailboxes_silent", provider="imap") == 0
    assert figure("kinamik_messages_overdue") == 0
    assert figure("kinamik_mailboxes", provider="imap", status="stopped") == 1


async def test_messages_are_late_a_quarter_of_an_hour_after_their_arrival(ledger: Ledger) -> None:
    ours = [await a_message(ledger, minutes_ago=minutes) for minutes in (1, 14, 16)]
    await a_message(ledger, minutes_ago=60)  # in a mailbox that another process watches
    await Census(ledger, 540).take(dict.fromkeys(ours, Watching()))
    assert figure("kinamik_messages_pending") == 3
    assert figure("kinamik_messages_overdue") == 1


async def test_what_is_no_longer_ours_is_no_longer_counted(ledger: Ledger) -> None:
    await Census(ledger, 540).take({await a_message(ledger, minutes_ago=60): Watching()})
    await Census(ledger, 540).take({})
    assert figure("kinamik_messages_overdue") == figure("kinamik_mailboxes", provider="imap", status="watching") == 0
