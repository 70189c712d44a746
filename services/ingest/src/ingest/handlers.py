"""What ingest does on events: close messages in the ledger, follow the configuration."""

from datetime import UTC, datetime

from prometheus_client import Counter, Histogram
from sqlalchemy.exc import DBAPIError

from ingest.ledger import Ledger
from shared.config_client import ConfigClient
from shared.errors import TransientError
from shared.events import ConfigChanged, ErasureRequested, MessageSettled, Outcome, RetryRequested

SETTLED = Counter("kinamik_messages_settled_total", "Messages settled", ["outcome", "reason"])
ARRIVAL_TO_SETTLED = Histogram(
    "kinamik_arrival_to_settled_seconds",
    "From the server's INTERNALDATE to the message's end",
    ["outcome"],
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600),
)
for _outcome, _reason in ((Outcome.DRAFTED, ""), (Outcome.SKIPPED, "no_answer_expected"), (Outcome.FAILED, "gave_up")):
    SETTLED.labels(_outcome.value, _reason)
    ARRIVAL_TO_SETTLED.labels(_outcome.value)


class Handlers:
    def __init__(self, ledger: Ledger, config: ConfigClient) -> None:
        self._ledger = ledger
        self._config = config

    async def message_settled(self, event: MessageSettled) -> None:
        """Counts a message once, however often its end is reported."""
        try:
            first = await self._ledger.settle(event)
        except (DBAPIError, OSError):
            raise TransientError("database_unavailable") from None
        if first:
            SETTLED.labels(event.outcome.value, event.reason).inc()
            after = (datetime.now(UTC) - event.received_at).total_seconds()
            ARRIVAL_TO_SETTLED.labels(event.outcome.value).observe(max(0.0, after))

    async def erasure_requested(self, event: ErasureRequested) -> None:
        """Its mailboxes are watched no longer: the configuration that came before this says so."""
        if event.organisation_id is None:
            return
        try:
            await self._ledger.forget(event.organisation_id, event.mailbox_ids)
        except (DBAPIError, OSError):
            raise TransientError("database_unavailable") from None

    async def retry_requested(self, event: RetryRequested) -> None:
        """Opens the message again, once however often that is asked for; the next redrive reads it."""
        try:
            await self._ledger.reopen(message_id=event.message_id, generation=event.generation)
        except (DBAPIError, OSError):
            raise TransientError("database_unavailable") from None

    async def config_changed(self, event: ConfigChanged) -> None:
        await self._config.refresh()
