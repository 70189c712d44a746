"""From a mail to a checked draft: retrieve, ask the model, check what it says; without a usable model, extract."""

import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import Counter

from drafter import extractive, guard, prompt
from drafter.indexes import Indexes
from drafter.knowledge import Hit, KnowledgeIndex
from shared.config import Assistant, KnowledgeEntry
from shared.errors import KinamikError, PermanentError, TransientError
from shared.events import Draft, Usage
from shared.mail import Mail
from shared.tracing import span

if TYPE_CHECKING:
    from drafter.llm import Model

log = structlog.get_logger(__name__)

TOKENS = Counter("kinamik_tokens_total", "Tokens used", ["direction"])
for _direction in ("in", "out"):
    TOKENS.labels(_direction)
REMOVED = Counter("kinamik_guard_removed_total", "What the guard took out of a model's answer", ["kind"])
for _kind in guard.KINDS:
    REMOVED.labels(_kind)

ENTRIES_IN_PROMPT = 8
LOW_CONFIDENCE = 0.5
CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Written:
    """`draft` is None where nobody expects an answer. `hits` are the entries that were looked at, the best first,
    `used` those that the draft rests on. `removed` are the kinds of facts that nobody gave, and `failure` is why the
    model was of no use, where the draft comes from the knowledge alone instead.
    """

    draft: Draft | None
    hits: tuple[Hit, ...] = ()
    used: tuple[KnowledgeEntry, ...] = ()
    needs_human: bool = False
    usage: Usage = field(default_factory=Usage)
    removed: tuple[str, ...] = ()
    failure: str = ""


class Onlooker(Protocol):
    """Sees a draft come into being."""

    def found(self, count: int, usage: Usage) -> None:
        """So many entries of the knowledge may have to do with the mail; a model that is asked now reads about as much
        as `usage` says.
        """
        ...

    def wrote(self, text: str) -> None:
        """What the model has written so far of its answer, unchecked."""
        ...

    def checking(self) -> None:
        """All is written."""
        ...


@dataclass(frozen=True, slots=True)
class _Order:
    mail: Mail
    assistant: Assistant
    index: KnowledgeIndex
    now: datetime
    about: str
    onlooker: Onlooker | None


class Author:
    def __init__(self, indexes: Indexes, model: "Model | None") -> None:
        self._indexes = indexes
        self._model = model

    async def write(
        self, mail: Mail, assistant: Assistant, zone: ZoneInfo, *, about: str = "", onlooker: Onlooker | None = None
    ) -> Written:
        """`about` is the message's id, for the log; with an `onlooker` the model is heard as it writes.

        Raises TransientError or PermanentError where the model fails and the owner wants no extractive draft.
        """
        began = time.monotonic()
        index = await self._indexes.of(assistant.id)
        order = _Order(mail, assistant, index, datetime.now(zone), about, onlooker)
        written = _extracted(order) if self._model is None else await _asked(self._model, order)
        usage = written.usage.model_copy(update={"duration_ms": round((time.monotonic() - began) * 1000)})
        return replace(written, usage=usage)


async def _asked(model: "Model", order: _Order) -> Written:
    mail, assistant = order.mail, order.assistant
    with span("retrieve knowledge") as retrieval:
        hits = tuple(order.index.search(f"{mail.subject}\n{mail.text}", limit=ENTRIES_IN_PROMPT, on=order.now.date()))
        retrieval.set_attribute("kinamik.hits", len(hits))
    entries = [hit.entry for hit in hits]
    listener = order.onlooker.wrote if order.onlooker else None
    messages = prompt.messages(mail, assistant, entries, now=order.now)
    if order.onlooker:
        characters = sum(len(message["content"]) for message in messages)
        order.onlooker.found(len(hits), Usage(model=model.name, tokens_in=characters // CHARACTERS_PER_TOKEN))
    try:
        completion = await model.complete(messages, listener)
    except KinamikError as error:
        return _without_model(error, order)
    answer, usage = completion.answer, completion.usage
    TOKENS.labels("in").inc(usage.tokens_in)
    TOKENS.labels("out").inc(usage.tokens_out)
    if answer.decision == "skip":
        return Written(None, hits, usage=usage)
    if order.onlooker:
        order.onlooker.checking()
    checked = guard.check(answer.body, mail, entries, assistant, questions=answer.open_questions)
    for kind in checked.removed:
        REMOVED.labels(kind).inc()
    if not checked.body:
        return _without_model(PermanentError("model_answer_unusable"), order)
    cited = prompt.cited(answer.knowledge_ids, entries)
    foreign = answer.language not in assistant.languages
    return Written(
        draft=Draft(body=checked.body, language=answer.language, open_questions=checked.open_questions),
        hits=hits,
        used=tuple(entry for entry in entries if entry.id in cited),
        needs_human=checked.needs_human or foreign or answer.confidence < LOW_CONFIDENCE,
        usage=usage,
        removed=checked.removed,
    )


def _without_model(error: KinamikError, order: _Order) -> Written:
    """A provider's fault is never the mailbox's, so its AuthError goes no further than here."""
    log.warning("model_failed", reason=error.reason, message_id=order.about)
    if not order.assistant.extractive_fallback:
        raise error if isinstance(error, TransientError) else PermanentError(error.reason)
    return replace(_extracted(order), needs_human=True, failure=error.reason)


def _extracted(order: _Order) -> Written:
    with span("extract from knowledge") as extraction:
        made = extractive.draft(order.mail, order.index, order.assistant, on=order.now.date())
        extraction.set_attribute("kinamik.hits", len(made.hits))
    if order.onlooker:
        order.onlooker.found(len(made.hits), Usage())
    draft = Draft(body=made.body, language=made.language, open_questions=made.open_questions)
    return Written(draft, made.hits, made.used, made.needs_human)
