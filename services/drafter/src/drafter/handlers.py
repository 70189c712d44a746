"""From a mail to a proposal: retrieve, ask the model, check what it says; without a usable model, extract."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import Counter

from drafter import extractive, guard, prompt
from drafter.indexes import Indexes
from drafter.knowledge import KnowledgeIndex
from shared.bus.delivery import settled
from shared.config import Assistant, KnowledgeEntry
from shared.config_client import ConfigClient
from shared.errors import KinamikError, PermanentError, TransientError
from shared.events import ConfigChanged, Draft, DraftProposed, MessageReceived, MessageSettled, Outcome, Usage
from shared.mail import Mail

if TYPE_CHECKING:
    from drafter.llm import Model

log = structlog.get_logger(__name__)

PROPOSALS = Counter("kinamik_proposals_total", "Proposals made", ["source", "needs_human"])
TOKENS = Counter("kinamik_tokens_total", "Tokens used", ["direction"])
REMOVED = Counter("kinamik_guard_removed_total", "What the guard took out of a model's answer", ["kind"])

ENTRIES_IN_PROMPT = 8
LOW_CONFIDENCE = 0.5


class Handlers:
    def __init__(self, config: ConfigClient, model: "Model | None") -> None:
        self._config = config
        self._model = model
        self._indexes = Indexes(config)

    async def draft(self, event: MessageReceived) -> DraftProposed | MessageSettled:
        """Raises TransientError or PermanentError where the model fails and the owner wants no extractive draft."""
        assistant = self._config.assistant(event.assistant_id)
        if assistant is None or not assistant.active:
            return settled(event, Outcome.SKIPPED, "switched_off")
        began = time.monotonic()
        index = await self._indexes.of(assistant.id)
        if self._model is None:
            proposal = self._extract(event, assistant, index)
        else:
            proposal = await self._ask(self._model, event, assistant, index)
        if isinstance(proposal, MessageSettled):
            return proposal
        usage = proposal.usage.model_copy(update={"duration_ms": round((time.monotonic() - began) * 1000)})
        PROPOSALS.labels("model" if usage.model else "extractive", str(proposal.needs_human).lower()).inc()
        return proposal.model_copy(update={"usage": usage})

    async def config_changed(self, event: ConfigChanged) -> None:
        await self._config.refresh()

    async def _ask(
        self, model: "Model", event: MessageReceived, assistant: Assistant, index: KnowledgeIndex
    ) -> DraftProposed | MessageSettled:
        now = datetime.now(self._zone(event))
        hits = index.search(_question(event.mail), limit=ENTRIES_IN_PROMPT, on=now.date())
        entries = [hit.entry for hit in hits]
        try:
            completion = await model.complete(prompt.messages(event.mail, assistant, entries, now=now))
        except KinamikError as error:
            return self._without_model(error, event, assistant, index)
        answer, usage = completion.answer, completion.usage
        TOKENS.labels("in").inc(usage.tokens_in)
        TOKENS.labels("out").inc(usage.tokens_out)
        if answer.decision == "skip":
            return settled(event, Outcome.SKIPPED, "no_answer_expected").model_copy(update={"usage": usage})
        checked = guard.check(answer.body, event.mail, entries, assistant, questions=answer.open_questions)
        for kind in checked.removed:
            REMOVED.labels(kind).inc()
        if not checked.body:
            return self._without_model(PermanentError("model_answer_unusable"), event, assistant, index)
        return _proposed(
            event,
            Draft(body=checked.body, language=answer.language, open_questions=checked.open_questions),
            used=[entry for entry in entries if entry.id in prompt.cited(answer.knowledge_ids, entries)],
            needs_human=checked.needs_human or answer.confidence < LOW_CONFIDENCE,
            usage=usage,
        )

    def _without_model(
        self, error: KinamikError, event: MessageReceived, assistant: Assistant, index: KnowledgeIndex
    ) -> DraftProposed:
        """A provider's fault is never the mailbox's, so its AuthError goes no further than here."""
        log.warning("model_failed", reason=error.reason, message_id=str(event.message_id))
        if not assistant.extractive_fallback:
            raise error if isinstance(error, TransientError) else PermanentError(error.reason)
        return self._extract(event, assistant, index).model_copy(update={"needs_human": True})

    def _zone(self, event: MessageReceived) -> ZoneInfo:
        mailbox = self._config.mailbox(event.mailbox_id)
        return ZoneInfo(mailbox.time_zone if mailbox else "Europe/Berlin")

    def _extract(self, event: MessageReceived, assistant: Assistant, index: KnowledgeIndex) -> DraftProposed:
        made = extractive.draft(event.mail, index, assistant, on=datetime.now(self._zone(event)).date())
        return _proposed(
            event,
            Draft(body=made.body, language=made.language, open_questions=made.open_questions),
            used=made.used,
            needs_human=made.needs_human,
            usage=Usage(),
        )


def _question(mail: Mail) -> str:
    return f"{mail.subject}\n{mail.text}"


def _proposed(
    event: MessageReceived, draft: Draft, *, used: Sequence[KnowledgeEntry], needs_human: bool, usage: Usage
) -> DraftProposed:
    return DraftProposed(
        organisation_id=event.organisation_id,
        mailbox_id=event.mailbox_id,
        assistant_id=event.assistant_id,
        message_id=event.message_id,
        generation=event.generation,
        received_at=event.received_at,
        mail=event.mail,
        draft=draft,
        knowledge_ids=tuple(entry.id for entry in used),
        needs_human=needs_human,
        usage=usage,
    )
