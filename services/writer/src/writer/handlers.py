"""From a proposed draft to a draft in the mailbox it belongs to."""

import asyncio
from datetime import UTC, datetime

from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Histogram

from shared.bus.delivery import settled
from shared.config_client import ConfigClient
from shared.events import ConfigChanged, DraftProposed, MessageSettled, Outcome
from shared.mailbox.protocol import MessageGone
from shared.tracing import span
from writer.compose import compose
from writer.stores import Stores

DRAFTS = Counter("kinamik_drafts_saved_total", "Drafts saved", ["existed"])
for _existed in ("true", "false"):
    DRAFTS.labels(_existed)
ARRIVAL_TO_DRAFT = Histogram(
    "kinamik_arrival_to_draft_seconds",
    "From the server's INTERNALDATE to the saved draft",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 3600),
)


class Handlers:
    def __init__(self, config: ConfigClient, stores: Stores) -> None:
        self._config = config
        self._stores = stores

    async def save_draft(self, event: DraftProposed) -> MessageSettled:
        """Saves the draft, unless the mailbox or its assistant is off at this very moment.

        An event that comes again after its end is answered with that same end: the person may have sent or deleted
        the draft since, so that the mailbox alone cannot tell.
        """
        async with self._stores.alone_with(event.mailbox_id) as session:
            before, current = await asyncio.gather(
                self._config.settlement(event.message_id, event.generation), self._config.fresh(event.mailbox_id)
            )
            if before.outcome is not None:
                return settled(event, before.outcome, before.reason)
            if current is None:
                return settled(event, Outcome.SKIPPED, self._config.why_off(event.mailbox_id) or "switched_off")
            mailbox, assistant = current
            store = await session.store(mailbox)
            signature = "" if assistant.signature else await store.signature()
            draft = compose(event, mailbox=mailbox, assistant=assistant, now=datetime.now(UTC), signature=signature)
            try:
                with span("save draft", SpanKind.CLIENT, {"kinamik.provider": mailbox.account.kind}) as saving:
                    saved = await store.save(draft)
                    saving.set_attribute("kinamik.existed", saved.existed)
            except MessageGone as gone:
                return settled(event, Outcome.SKIPPED, gone.reason)
        DRAFTS.labels(str(saved.existed).lower()).inc()
        ARRIVAL_TO_DRAFT.observe(max(0.0, (datetime.now(UTC) - event.received_at).total_seconds()))
        return settled(event, Outcome.DRAFTED)

    async def config_changed(self, event: ConfigChanged) -> None:
        await self._config.refresh()
