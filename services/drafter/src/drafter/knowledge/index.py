"""Search over one assistant's knowledge.

An entry is the sum of its question, its answer and its examples, each of length one: the nearest centroid. On customer
mails that does better than a linear classifier, needs no training, and a new example changes one vector only. Added
to it, neither a classifier, the nearest examples nor an entry's share of all examples finds more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from drafter.knowledge.postings import Postings, build_postings
from drafter.knowledge.text import features
from shared.config import KnowledgeEntry


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry, and the cosine between it and the question, 0 to 1.

    What the question asks for and no entry mentions lowers the score, so that scores of different questions compare.
    """

    entry: KnowledgeEntry
    score: float


class KnowledgeIndex:
    """An immutable index; safe to search from several threads."""

    def __init__(self, entries: Sequence[KnowledgeEntry], postings: Postings) -> None:
        self._entries = tuple(entries)
        self._postings = postings
        self._valid_from = _ordinals([entry.valid_from or date.min for entry in entries])
        self._valid_until = _ordinals([entry.valid_until or date.max for entry in entries])

    @classmethod
    def build(cls, entries: Sequence[KnowledgeEntry]) -> "KnowledgeIndex":
        """Index `entries`: about 0.2 s for 500, 5 s for 10,000, so call it off the event loop."""
        return cls(entries, build_postings(entries))

    def __len__(self) -> int:
        return len(self._entries)

    def search(self, text: str, *, limit: int = 5, on: date) -> list[Hit]:
        """Return at most `limit` entries that are valid on the day `on` and share anything with `text`, best first."""
        scores = self._postings.cosines(features(text))
        day = on.toordinal()
        scores[(self._valid_from > day) | (self._valid_until < day)] = 0
        return [Hit(self._entries[index], min(float(scores[index]), 1.0)) for index in _best(scores, limit)]


def _best(scores: NDArray[np.float64], limit: int) -> list[int]:
    """Indices of the `limit` highest positive scores; of equal ones the earlier entry's first."""
    found = np.flatnonzero(scores > 0)
    if len(found) > limit > 0:
        floor = np.partition(scores[found], -limit)[-limit]
        found = found[scores[found] >= floor]
    order: list[int] = found[np.argsort(-scores[found], kind="stable")].tolist()
    return order[: max(limit, 0)]


def _ordinals(days: list[date]) -> NDArray[np.int32]:
    return np.array([day.toordinal() for day in days], np.int32)
