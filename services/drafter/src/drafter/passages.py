"""Which sentences of an entry have to do with a mail, to show why it was found."""

import re
from collections.abc import Iterator

from drafter.knowledge.text import words
from shared.config import KnowledgeEntry
from shared.mail import Mail

MOST = 3
LONGEST = 300
_BEGINNING = 6
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def matched(entry: KnowledgeEntry, mail: Mail) -> list[str]:
    """The sentences that share most of their words' beginnings with the mail, as they stand in the entry."""
    asked = _beginnings(f"{mail.subject}\n{mail.text}")
    scored = [(len(asked & _beginnings(sentence)), sentence) for sentence in _sentences(entry)]
    best = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])[:MOST]
    return [sentence[:LONGEST] for _, sentence in best]


def _sentences(entry: KnowledgeEntry) -> Iterator[str]:
    for text in (entry.question, *entry.examples, entry.answer):
        yield from filter(None, map(str.strip, _SENTENCE_END.split(text)))


def _beginnings(text: str) -> frozenset[str]:
    return frozenset(word[:_BEGINNING] for word in words(text))
