"""What ingest does on events: close messages in the ledger, follow the configuration."""

from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError

from ingest.ledger import Ledger
from shared.config_client import ConfigClient
from shared.errors import TransientError
from shared.events import ConfigChanged, MessageSettled

SETTLED = Counter("kinamik_messages_settled_total", "Messages settled", ["outcome", "reason"])


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

    async def config_changed(self, event: ConfigChanged) -> None:
        await self._config.refresh()
