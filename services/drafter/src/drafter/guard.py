"""Nothing a model wrote reaches a draft unchecked: plain text only, and no fact that nobody gave.

Links, mail addresses, bank accounts and phone numbers must come from the organisation (knowledge, instructions,
signature); a mail address may also be the sender's own. A mail is no source for these: "our new IBAN is ..." must
not come back as if it were ours. Amounts, percentages, dates, times and reference numbers may come from the mail too.
Anything else is replaced by `[bitte ergänzen: ...]`. Recipients are none of a model's business, so none are here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from drafter.plain import BRACKETS, SLOT, plain, without_headers, without_signature
from drafter.token_readers import Token
from drafter.tokens import remembered, tokens
from shared.config import Assistant, KnowledgeEntry
from shared.mail import Mail

MAX_DRAFT_CHARS = 6_000
MAX_FACTS_CHARS = 40_000


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that may be saved. `removed` names the kinds of what was taken out, never its text."""

    body: str
    open_questions: tuple[str, ...]
    needs_human: bool
    removed: tuple[str, ...]


def check(
    body: str, mail: Mail, entries: Sequence[KnowledgeEntry], assistant: Assistant, *, questions: Iterable[str] = ()
) -> Checked:
    """Cleans a model's text and takes out every fact that has no source.

    `questions` are the model's own open questions; they go through the same check and join the placeholders found
    in the body. An empty body comes back empty: the caller decides what that means.
    """
    ours = Facts(map(remembered, (assistant.instructions, assistant.signature, *map(_said, entries))))
    theirs = Facts(map(tokens, _texts(mail)))
    ours.add("mail_address", *(who.address.lower() for who in (mail.sender, *mail.reply_to) if who))
    if mail.date:
        theirs.add("date", (mail.date.year, mail.date.month, mail.date.day))
    removed: list[str] = []
    text = without_signature(without_headers(plain(body)), assistant.signature)
    text = BRACKETS.sub(r"[bitte ergänzen: \1]", _replaced(text, ours, theirs, removed))
    asked = [_replaced(plain(question)[:300], ours, theirs, removed) for question in questions]
    if len(text) > MAX_DRAFT_CHARS:
        text = text[:MAX_DRAFT_CHARS].rsplit("\n", 1)[0].rstrip() + "\n\n[bitte ergänzen: Rest der Antwort]"
        removed.append("length")
    found = dict.fromkeys([*(slot[1].strip() for slot in SLOT.finditer(text)), *asked])
    open_questions = tuple(question for question in found if question)
    return Checked(text, open_questions, bool(removed or open_questions), tuple(removed))


_LABELS = {
    "link": "Link",
    "mail_address": "E-Mail-Adresse",
    "account": "Bankverbindung",
    "phone": "Telefonnummer",
    "number": "Nummer",
    "amount": "Betrag",
    "percentage": "Prozentsatz",
    "date": "Datum",
    "time": "Uhrzeit",
}
KINDS = (*_LABELS, "length")
"""Of what is taken out."""
_ONLY_OURS = ("link", "mail_address", "account", "phone")
_DIGITS = ("account", "phone", "number")  # one number may be called differently in two texts


class Facts:
    """What texts say, by kind, in a form in which two spellings of one thing are equal.

    Reading a long mail takes milliseconds, so `read` is gone through only when something is asked.
    """

    def __init__(self, read: Iterable[Sequence[Token]]) -> None:
        self._known: dict[str, set[Any]] = {}
        self._unread = chain.from_iterable(read)

    def add(self, kind: str, *values: Any) -> None:
        known = self._known.setdefault("digits" if kind in _DIGITS else kind, set())
        for value in values:
            known |= value if isinstance(value, frozenset) else {value}

    def back(self, token: Token) -> bool:
        """Whether every value of the token is among these facts."""
        for fact in self._unread:
            self.add(fact.kind, *fact.values)
        known = self._known.get("digits" if token.kind in _DIGITS else token.kind, set())
        match token.kind:
            case "date":
                return all(any(_same_day(day, other) for day in days for other in known) for days in token.values)
            case "link":
                hosts = {host for host, _ in known}
                return all(link in known or (link[1] == "" and link[0] in hosts) for link in token.values)
            case _:
                return all(value in known for value in token.values)


def _said(entry: KnowledgeEntry) -> str:
    return f"{entry.question}\n{entry.answer}"  # the examples are what customers wrote


def _texts(mail: Mail) -> Iterator[str]:
    yield from (mail.subject, mail.body[:MAX_FACTS_CHARS])
    if mail.text not in mail.body:
        yield mail.text[:MAX_FACTS_CHARS]
    yield from (item.name for item in mail.attachments[:100])


def _same_day(day: Any, other: Any) -> bool:
    return day[1] == other[1] and day[2] in (None, other[2]) and (day[0] == other[0] or None in (day[0], other[0]))


def _replaced(text: str, ours: Facts, theirs: Facts, removed: list[str]) -> str:
    for token in reversed(list(tokens(text))):
        if ours.back(token) or (token.kind not in _ONLY_OURS and theirs.back(token)):
            continue
        inside = text.rfind("[", 0, token.start) > text.rfind("]", 0, token.start)
        label = _LABELS[token.kind]
        text = text[: token.start] + (label if inside else f"[bitte ergänzen: {label}]") + text[token.end :]
        removed.append(token.kind)
    return text
