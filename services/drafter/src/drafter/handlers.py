"""From a mail to a proposal. How it is written: `author`."""

from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from prometheus_client import Counter

from drafter.author import Author, Written
from drafter.indexes import Indexes
from shared.bus.delivery import settled
from shared.config_client import ConfigClient
from shared.events import ConfigChanged, Draft, DraftProposed, MessageReceived, MessageSettled, Outcome

if TYPE_CHECKING:
    from drafter.llm import Model

PROPOSALS = Counter("kinamik_proposals_total", "Proposals made", ["source", "needs_human"])
for _source, _needs_human in product(("model", "extractive"), ("true", "false")):
    PROPOSALS.labels(_source, _needs_human)


class Handlers:
    def __init__(self, config: ConfigClient, model: "Model | None") -> None:
        self._config = config
        self._indexes = Indexes(config)
        self.author = Author(self._indexes, model)

    async def draft(self, event: MessageReceived) -> DraftProposed | MessageSettled:
        """Raises TransientError or PermanentError where the model fails and the owner wants no extractive draft."""
        assistant = self._config.assistant(event.assistant_id)
        if assistant is None:
            return settled(event, Outcome.SKIPPED, "switched_off")
        if reason := assistant.why_off(datetime.now(UTC)):
            return settled(event, Outcome.SKIPPED, reason)
        written = await self.author.write(event.mail, assistant, self._zone(event), about=str(event.message_id))
        if written.draft is None:
            skipped = settled(event, Outcome.SKIPPED, "no_answer_expected")
            return skipped.model_copy(update={"usage": written.usage})
        PROPOSALS.labels("model" if written.usage.model else "extractive", str(written.needs_human).lower()).inc()
        return _proposed(event, written.draft, written)

    async def config_changed(self, event: ConfigChanged) -> None:
        await self._config.refresh()
        self._indexes.forget_deleted()

    def _zone(self, event: MessageReceived) -> ZoneInfo:
        mailbox = self._config.mailbox(event.mailbox_id)
        return ZoneInfo(mailbox.time_zone if mailbox else "Europe/Berlin")


def _proposed(event: MessageReceived, draft: Draft, written: Written) -> DraftProposed:
    return DraftProposed(
        organisation_id=event.organisation_id,
        mailbox_id=event.mailbox_id,
        assistant_id=event.assistant_id,
        message_id=event.message_id,
        generation=event.generation,
        received_at=event.received_at,
        provider_id=event.provider_id,
        mail=event.mail,
        draft=draft,
        knowledge_ids=tuple(entry.id for entry in written.used),
        needs_human=written.needs_human,
        usage=written.usage,
    )
