"""A draft without a model: fixed phrases around the best entry for each question, and a mark where there is none.

Nothing else gets into a draft, so that it can be no more wrong than the knowledge is.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from drafter import reading
from drafter.knowledge import KnowledgeIndex
from drafter.knowledge.text import fold
from drafter.language import Language, detect
from drafter.prompt import signs_off
from drafter.reading import Question
from drafter.salutation import greeting
from shared.config import Assistant, KnowledgeEntry
from shared.mail import Mail

COVERED = 0.15
"""The cosine from which an entry counts as an answer; chosen on one half of the collections, see the benchmark."""

_CANDIDATES = 3
_EXPLAINED = 0.5
_LONGEST_QUOTE = 160
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
    """`used` are the entries that `body` quotes, `open_questions` the parts of the mail that nothing is known about."""

    body: str
    language: Language
    used: tuple[KnowledgeEntry, ...]
    open_questions: tuple[str, ...]
    needs_human: bool


@dataclass(frozen=True, slots=True)
class _Point:
    """A part of the mail, fit to be quoted, and the entry that answers it."""

    text: str
    entry: KnowledgeEntry | None


def draft(mail: Mail, index: KnowledgeIndex, assistant: Assistant, *, on: date) -> ExtractiveDraft:
    """Return a draft from what is known on the day `on`."""
    text = f"{mail.subject}\n{mail.text}"
    language = detect(text)
    points = list(dict.fromkeys(_Knowledge(index, language, on).points(mail)))
    used = tuple(dict.fromkeys(point.entry for point in points if point.entry))
    unanswered = tuple(point.text for point in points if not point.entry)
    complaint = reading.complains(text)
    foreign = any(entry.language[:2] != language for entry in used)
    return ExtractiveDraft(
        body=_body(mail, assistant, points, language, complaint=complaint),
        language=language,
        used=used,
        open_questions=unanswered,
        needs_human=complaint or foreign or mail.truncated or bool(unanswered),
    )


@dataclass(frozen=True, slots=True)
class _Knowledge:
    index: KnowledgeIndex
    language: Language
    on: date

    def points(self, mail: Mail) -> Iterator[_Point]:
        """What the draft has to say, in the mail's order; at least one point."""
        asked = [(question, self._answer(question)) for question in reading.questions(mail.text)]
        whole = None
        if not any(entry for _, entry in asked):
            whole = self._best(f"{mail.subject}\n{reading.message(mail.text)}")
        if whole:
            yield _Point("", whole)
        open_left = [question for question, entry in asked if not entry and not _explains(whole, question)]
        for question, entry in asked:
            if entry:
                yield _Point("", entry)
            elif question in open_left:
                yield _Point(_quote(question.text), None)
        if not whole and not open_left and not any(entry for _, entry in asked):
            yield _Point(_quote(mail.subject or reading.message(mail.text)), None)

    def _answer(self, question: Question) -> KnowledgeEntry | None:
        alone = self._best(question.text) if question.specific else None
        if alone or not question.before:
            return alone
        with_context = self._best(f"{question.before} {question.text}")
        return with_context if _explains(with_context, question) else None

    def _best(self, text: str) -> KnowledgeEntry | None:
        hits = self.index.search(text, limit=_CANDIDATES, on=self.on)
        answers = [hit.entry for hit in hits if hit.score >= COVERED and hit.entry.answer.strip()]
        return min(answers, key=lambda entry: entry.language[:2] != self.language, default=None)


def _explains(entry: KnowledgeEntry | None, question: Question) -> bool:
    """Whether `entry` mentions half of what `question` is about; anything does where that is nothing."""
    if not question.specific:
        return True
    if not entry:
        return False
    known = fold(" ".join((entry.question, entry.answer, *entry.examples)))
    return sum(word[:5] in known for word in question.specific) >= _EXPLAINED * len(question.specific)


def _quote(text: str) -> str:
    """The mail's own words, short, on one line, without what a draft must not pass on: links, addresses, accounts."""
    plain = " ".join(_PRIVATE.sub("…", text).translate(_BRACKETS).split())
    short = textwrap.shorten(plain, _LONGEST_QUOTE, placeholder=" …").strip(",;")
    return short[:1].upper() + short[1:] or "Nachricht ohne Text"


def _body(mail: Mail, assistant: Assistant, points: list[_Point], language: Language, *, complaint: bool) -> str:
    form = _form(mail, assistant, language)
    thanks = _THANKS[form]
    if complaint and not any(point.entry and _APOLOGY.search(point.entry.answer) for point in points):
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
    return point.entry.answer.strip() if point.entry else f"[bitte ergänzen: Antwort auf „{point.text}“]"


def _closing(assistant: Assistant, form: _Form) -> list[str]:
    """The farewell, unless the signature brings its own; the organisation signs where there is no signature."""
    if assistant.signature.strip():
        return [] if signs_off(assistant.signature) else [_FAREWELL[form]]
    return [f"{_FAREWELL[form]}\n{assistant.organisation_name}".strip()]
