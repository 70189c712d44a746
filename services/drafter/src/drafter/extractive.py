"""A draft without a model: fixed phrases around the best entry for each question, and a mark where there is none.

Nothing else gets into a draft, so that it can be no more wrong than the knowledge is.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from drafter import reading
from drafter.knowledge import Hit, KnowledgeIndex
from drafter.knowledge.text import fold
from drafter.language import Language, detect
from drafter.prompt import signs_off
from drafter.reading import Question
from drafter.salutation import greeting
from shared.config import Assistant, KnowledgeEntry
from shared.mail import Mail

COVERED = 0.15
"""The cosine from which an entry counts as an answer: between 0.13 and 0.16, which mails and questions would choose."""
SURE = 0.2
"""Below this an answer is offered, and a person asked to look at it."""

_CANDIDATES = 3
_EXPLAINED = 0.5
_BEGINNING = 5
_LONGEST_QUOTE = 160
_LONGEST_READ = 1_000
_PRIVATE = re.compile(r"\S*(?:://|www\.|@)\S*|\b[A-Z]{2}\d{2}(?: ?\w{4}){3,}\w*|\+?\d[\d /()-]{5,}\d")
_BRACKETS = str.maketrans("", "", '[]<>„“”"')
_APOLOGY = re.compile(r"\btut\b.*\bleid\b|entschuldig|bedauer|sorry|apolog", re.IGNORECASE)

_Form = Literal["sie", "du", "en"]
_THANKS: dict[_Form, str] = {
    "sie": "vielen Dank für Ihre Nachricht.",
    "du": "danke für deine Nachricht.",
    "en": "Thank you for your message.",
}
_REGRET: dict[_Form, str] = {
    "sie": "Wir bedauern sehr, dass Sie nicht zufrieden sind.",
    "du": "Es tut uns sehr leid, dass du nicht zufrieden bist.",
    "en": "We are very sorry that you are not satisfied.",
}
_FAREWELL: dict[_Form, str] = {"sie": "Mit freundlichen Grüßen", "du": "Viele Grüße", "en": "Kind regards"}


@dataclass(frozen=True, slots=True)
class ExtractiveDraft:
    """`hits` are the entries that `body` quotes, `open_questions` the parts of the mail that nothing is known about."""

    body: str
    language: Language
    hits: tuple[Hit, ...]
    open_questions: tuple[str, ...]
    needs_human: bool

    @property
    def used(self) -> tuple[KnowledgeEntry, ...]:
        return tuple(hit.entry for hit in self.hits)


@dataclass(frozen=True, slots=True)
class _Point:
    """What answers a part of the mail, or that part's words where nothing does."""

    text: str = ""
    hit: Hit | None = None


def draft(mail: Mail, index: KnowledgeIndex, assistant: Assistant, *, on: date) -> ExtractiveDraft:
    """Return a draft from what is known on the day `on`."""
    text = f"{mail.subject}\n{mail.text}"
    language = detect(text)
    foreign = language not in assistant.languages
    if foreign:
        language = assistant.languages[0]
    points = list(_distinct(_Knowledge(index, language, on).points(mail)))
    hits = [point.hit for point in points if point.hit]
    unanswered = tuple(point.text for point in points if not point.hit)
    complaint = reading.complains(text)
    unsure = any(hit.score < SURE or hit.entry.language[:2] != language for hit in hits)
    return ExtractiveDraft(
        body=_body(mail, assistant, points, language, complaint=complaint),
        language=language,
        hits=tuple(hits),
        open_questions=unanswered,
        needs_human=complaint or unsure or foreign or mail.truncated or bool(unanswered),
    )


def _distinct(points: Iterable[_Point]) -> Iterable[_Point]:
    """Each answer and each open point once, where it came first."""
    found: dict[UUID | str, _Point] = {}
    for point in points:
        found.setdefault(point.hit.entry.id if point.hit else point.text, point)
    return found.values()


@dataclass(frozen=True, slots=True)
class _Knowledge:
    index: KnowledgeIndex
    language: Language
    on: date

    def points(self, mail: Mail) -> Iterator[_Point]:
        """What the draft has to say, in the mail's order; at least one point."""
        asked = [(question, self._answer(question)) for question in reading.questions(mail.text)]
        answered = any(hit for _, hit in asked)
        whole = None if answered else self._best(f"{mail.subject}\n{reading.message(mail.text)}")
        if whole:
            yield _Point(hit=whole)
        for question, hit in asked:
            if hit:
                yield _Point(hit=hit)
            elif not _explains(whole, question):
                yield _Point(_quote(question.text))
        if not answered and not whole and not any(question.specific for question, _ in asked):
            yield _Point(_quote(mail.subject or reading.message(mail.text)))

    def _answer(self, question: Question) -> Hit | None:
        alone = self._best(question.text) if question.specific else None
        if alone or not question.before:
            return alone
        with_context = self._best(f"{question.before} {question.text}")
        return with_context if _explains(with_context, question) else None

    def _best(self, text: str) -> Hit | None:
        hits = self.index.search(text, limit=_CANDIDATES, on=self.on)
        answers = [hit for hit in hits if hit.score >= COVERED and hit.entry.answer.strip()]
        return min(answers, key=lambda hit: hit.entry.language[:2] != self.language, default=None)


def _explains(hit: Hit | None, question: Question) -> bool:
    """Whether the entry mentions half of what `question` is about; anything does where that is nothing."""
    about = question.specific
    if not hit:
        return not about
    known = fold(" ".join((hit.entry.question, hit.entry.answer, *hit.entry.examples)))
    return sum(word[:_BEGINNING] in known for word in about) >= _EXPLAINED * len(about)


def _quote(text: str) -> str:
    """The mail's own words, short, on one line, without what a draft must not pass on: links, addresses, accounts."""
    plain = " ".join(_PRIVATE.sub("…", text[:_LONGEST_READ]).translate(_BRACKETS).split())
    short = textwrap.shorten(plain, _LONGEST_QUOTE, placeholder=" …").strip(",;")
    return short[:1].upper() + short[1:] or "Nachricht ohne Text"


def _body(mail: Mail, assistant: Assistant, points: list[_Point], language: Language, *, complaint: bool) -> str:
    form = _form(mail, assistant, language)
    thanks = _THANKS[form]
    if complaint and not any(point.hit and _APOLOGY.search(point.hit.entry.answer) for point in points):
        thanks = f"{thanks} {_REGRET[form]}"
    parts = [f"{greeting(mail, language, informal=form == 'du')},", thanks, *map(_paragraph, points)]
    return "\n\n".join([*parts, *_closing(assistant, form)])


def _form(mail: Mail, assistant: Assistant, language: Language) -> _Form:
    if language == "en":
        return "en"
    if assistant.form_of_address == "thread":
        return "du" if reading.informal(mail.text) else "sie"
    return assistant.form_of_address


def _paragraph(point: _Point) -> str:
    return point.hit.entry.answer.strip() if point.hit else f"[bitte ergänzen: Antwort auf „{point.text}“]"


def _closing(assistant: Assistant, form: _Form) -> list[str]:
    """The farewell, unless the signature brings its own; the organisation signs where there is no signature."""
    if assistant.signature.strip():
        return [] if signs_off(assistant.signature) else [_FAREWELL[form]]
    return [f"{_FAREWELL[form]}\n{assistant.organisation_name}".strip()]
