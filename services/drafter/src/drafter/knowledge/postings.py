"""The inverted index: for each feature the entries that have it, and how much it weighs in each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drafter.knowledge.text import Features, features
from shared.config import KnowledgeEntry

_QUESTION_WEIGHT = 2.0
_SMOOTHING = 0.5
_MOST_POSTINGS = 100_000  # read for one query, its strongest features first: only thousands of entries have more
_MOST_ENTRIES = 700  # a feature of more entries tells little and costs most of the time

_Floats = NDArray[np.float64]
_Indices = NDArray[np.int32]
_POSTING = np.dtype([("entry", np.int32), ("weight", np.float32)])
_PACKED = np.uint64  # of the same size: structured arrays are eight times slower to join


@dataclass(frozen=True, slots=True)
class Postings:
    """`lists[starts[i]:starts[i + 1]]` holds the entries of feature `vocabulary[i]` (ascending).

    `size` is the number of entries, `idf` the weight of each feature, `idf_unknown` that of one no entry has.
    """

    size: int
    vocabulary: NDArray[np.uint64]
    idf: _Floats
    idf_unknown: float
    starts: NDArray[np.int64]
    lists: NDArray[np.uint64]

    def cosines(self, query: Features) -> _Floats:
        """Return the cosine between `query` and each entry, shape (size,)."""
        if not len(query.keys) or not len(self.vocabulary):
            return np.zeros(self.size)
        place = np.minimum(np.searchsorted(self.vocabulary, query.keys), len(self.vocabulary) - 1)
        known = self.vocabulary[place] == query.keys
        weights = query.weights * np.where(known, self.idf[place], self.idf_unknown)
        norm = np.sqrt(weights @ weights)
        return self._sum(place[known], weights[known] / norm) if norm else np.zeros(self.size)

    def _sum(self, found: NDArray[np.intp], weights: _Floats) -> _Floats:
        strongest = np.argsort(-weights, kind="stable")
        found, weights = found[strongest], weights[strongest]
        lengths = self.starts[found + 1] - self.starts[found]
        enough = int(np.searchsorted(np.cumsum(lengths), _MOST_POSTINGS)) + 1
        found, weights, lengths = found[:enough], weights[:enough], lengths[:enough]
        starts = self.starts[found]
        parts = [self.lists[start:end] for start, end in zip(starts.tolist(), (starts + lengths).tolist(), strict=True)]
        joined = np.concatenate(parts or [self.lists[:0]]).view(_POSTING)
        return _sums(joined["entry"], joined["weight"] * np.repeat(weights, lengths), self.size)


class _Passages(NamedTuple):
    """All texts of all entries: per text its entry and its worth, per feature of a text the text, key and weight.

    The features are ordered by key, then by text, so that those of one entry follow each other.
    """

    entry: _Indices
    worth: _Floats
    passage: _Indices
    keys: NDArray[np.uint64]
    weights: NDArray[np.float32]


def build_postings(entries: Sequence[KnowledgeEntry]) -> Postings:
    """Analyse `entries` and weigh their features.

    A feature's weight falls with the number of entries that have it, not of texts, so that an entry's many examples
    do not make its own words common.
    """
    size = len(entries)
    texts = _analyse(entries)
    entry = texts.entry[texts.passage]
    first = _changes(texts.keys)
    start = first | _changes(entry)
    pair = np.cumsum(start, dtype=np.int32) - 1
    feature = (np.cumsum(first, dtype=np.int32) - 1)[start]
    frequency = np.bincount(feature, minlength=int(first.sum()))
    useful = frequency <= _MOST_ENTRIES
    idf = np.where(useful, _idf(frequency, size), 0)
    values = idf[feature][pair]
    values *= texts.weights
    values *= (texts.worth / _norms(texts.passage, values, len(texts.worth)))[texts.passage]
    entry, weights = entry[start], _sums(pair, values, len(feature))
    weights /= _norms(entry, weights, size)[entry]
    return Postings(
        size=size,
        vocabulary=texts.keys[first],
        idf=idf,
        idf_unknown=float(np.log((1 + size) / _SMOOTHING)),
        starts=np.concatenate([[0], np.cumsum(np.where(useful, frequency, 0))]),
        lists=_packed(np.repeat(useful, frequency), entry, weights),
    )


def _packed(kept: NDArray[np.bool_], entry: _Indices, weights: _Floats) -> NDArray[np.uint64]:
    lists = np.empty(int(kept.sum()), _POSTING)
    lists["entry"], lists["weight"] = entry[kept], weights[kept]
    return lists.view(_PACKED)


def _analyse(entries: Sequence[KnowledgeEntry]) -> _Passages:
    texts = list(_texts(entries))
    found = [features(text) for _, _, text in texts]
    keys = np.concatenate([each.keys for each in found] or [np.empty(0, np.uint64)])
    order = np.argsort(keys, kind="stable")
    return _Passages(
        entry=np.array([index for index, _, _ in texts], np.int32),
        worth=np.array([worth for _, worth, _ in texts], np.float64),
        passage=np.repeat(np.arange(len(found), dtype=np.int32), [len(each.keys) for each in found])[order],
        keys=keys[order],
        weights=np.concatenate([each.weights for each in found] or [np.empty(0, np.float32)])[order],
    )


def _texts(entries: Sequence[KnowledgeEntry]) -> Iterator[tuple[int, float, str]]:
    for index, entry in enumerate(entries):
        yield index, _QUESTION_WEIGHT, entry.question
        for text in (entry.answer, *entry.examples):
            yield index, 1.0, text


def _changes(values: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Where a value differs from the one before; the first one does."""
    return np.concatenate([np.ones(min(len(values), 1), bool), values[1:] != values[:-1]])


def _idf(frequency: NDArray[np.intp], size: int) -> _Floats:
    return np.log((1 + size) / (_SMOOTHING + frequency))


def _norms(group: _Indices, values: _Floats, size: int) -> _Floats:
    return np.maximum(np.sqrt(_sums(group, values * values, size)), np.finfo(np.float64).tiny)


def _sums(group: NDArray[np.integer], values: _Floats, size: int) -> _Floats:
    return np.asarray(np.bincount(group, values, minlength=size), np.float64)
