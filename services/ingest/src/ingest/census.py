"""How this process's mailboxes are, all together: a figure for each of a million would be more than Prometheus bears.

Which ones it is about, the log says (`mailbox_away`), and the ledger (docs/runbooks/KinamikMailboxesSilent.md).
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

from prometheus_client import Gauge

from ingest.ledger import Ledger
from ingest.watcher import Watcher
from shared.config import PROVIDERS
from shared.events import MailboxStatus

MAILBOXES = Gauge("kinamik_mailboxes", "Mailboxes that are switched on, by how they are", ["provider", "status"])
SILENT = Gauge(
    "kinamik_mailboxes_silent",
    "Mailboxes without proof of mail for a quarter of an hour; not those that stopped, whose owners know",
    ["provider"],
)
PENDING = Gauge("kinamik_messages_pending", "Messages that are not settled")
OVERDUE = Gauge(
    "kinamik_messages_overdue",
    "Messages that are not settled a quarter of an hour after they arrived; not where their mailbox has stopped",
)

STATUSES = ("new", *(each.value for each in MailboxStatus))
EVERY_SECONDS = 10.0
OVERDUE_AFTER = timedelta(minutes=15)
SILENT_SECONDS = 900.0


class Census:
    """`idle_seconds` is how long a watcher may wait for news before it asks."""

    def __init__(self, ledger: Ledger, idle_seconds: float) -> None:
        self._ledger = ledger
        self._silent_after = max(SILENT_SECONDS, 1.5 * idle_seconds)

    async def take(self, watchers: Mapping[UUID, Watcher]) -> None:
        """Counts what is as it is now. Raises what the database does."""
        counts = Counter((each.provider, each.status.value if each.status else "new") for each in watchers.values())
        for labels in product(PROVIDERS, STATUSES):
            MAILBOXES.labels(*labels).set(counts[labels])
        going = {key: each for key, each in watchers.items() if each.status is not MailboxStatus.STOPPED}
        silent = Counter(each.provider for each in going.values() if each.unproved_seconds > self._silent_after)
        for provider in PROVIDERS:
            SILENT.labels(provider).set(silent[provider])
        pending, overdue = await self._ledger.pending(list(going), datetime.now(UTC) - OVERDUE_AFTER)
        PENDING.set(pending)
        OVERDUE.set(overdue)
