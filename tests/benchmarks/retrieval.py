"""Retrieval quality and speed beside the usual peers, in one run: `python -m tests.benchmarks.retrieval`.

Needs KINAMIK_EVAL_DATA. How texts become features was chosen on these same collections (OMQ by five-fold
cross-validation), from plateaus rather than peaks, so the figures are a little kind; English XQuAD only decided between
equals. `Coverage.best` is the threshold that one half of a collection would choose, the rest is measured on the other.
"""

import os
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from drafter.extractive import COVERED
from drafter.knowledge import KnowledgeIndex
from shared.config import KnowledgeEntry
from tests.benchmarks import retrieval_peers as peers
from tests.benchmarks.retrieval_data import Collection, mails, omq, sentences, xquad

TODAY = date(2026, 1, 1)
FOLDS = 5
SEEDS = range(5)
LARGE = 10_000

Scores = NDArray[np.float64]
Ranker = Callable[[Sequence[KnowledgeEntry], Sequence[str]], Scores]


class Quality(NamedTuple):
    """Shares of queries whose first right entry is at rank 1, in the first 3, in the first 5, and MRR@10."""

    r1: float
    r3: float
    r5: float
    mrr: float

    def __str__(self) -> str:
        return "  ".join(f"{value:.3f}" for value in self)


def entry(number: int, question: str, answer: str = "", examples: Sequence[str] = ()) -> KnowledgeEntry:
    return KnowledgeEntry(id=UUID(int=number), question=question, answer=answer, examples=tuple(examples))


def ours(entries: Sequence[KnowledgeEntry], queries: Sequence[str]) -> Scores:
    """Shape (queries, entries), as are all rankers' scores; 0 where an entry was not returned."""
    index = KnowledgeIndex.build(entries)
    column = {each.id: number for number, each in enumerate(entries)}
    scores = np.zeros((len(queries), len(entries)))
    for row, query in enumerate(queries):
        for hit in index.search(query, limit=len(entries), on=TODAY):
            scores[row, column[hit.entry.id]] = hit.score
    return scores


def quality(scores: Scores, right: Sequence[frozenset[int]]) -> Quality:
    order = np.argsort(-scores, axis=1, kind="stable").tolist()
    rank = np.array([min(row.index(each) for each in gold) for row, gold in zip(order, right, strict=True)])
    mrr = np.where(rank < 10, 1 / (rank + 1), 0).mean()
    return Quality(float((rank < 1).mean()), float((rank < 3).mean()), float((rank < 5).mean()), float(mrr))


def without_examples(data: Collection, ranker: Ranker) -> Quality:
    return quality(ranker(_entries(data), data.queries), data.right)


def five_fold(data: Collection, ranker: Ranker) -> Quality:
    """Each fold's mails are asked of an index in which the other folds' mails are examples; mean over SEEDS."""
    return Quality(*np.mean([quality(_crossed(data, ranker, seed), data.right) for seed in SEEDS], axis=0))


def _crossed(data: Collection, ranker: Ranker, seed: int) -> Scores:
    scores = np.zeros((len(data.queries), len(data.texts)))
    for asked in folds(data, seed):
        scores[asked] = ranker(_entries(data, leave_out=set(asked)), [data.queries[query] for query in asked])
    return scores


def folds(data: Collection, seed: int) -> list[list[int]]:
    """Queries dealt out entry by entry, so that each fold has its share of every entry's."""
    shuffled = random.Random(seed).sample(range(len(data.queries)), len(data.queries))
    dealt = sorted(shuffled, key=lambda query: min(data.right[query]))
    return [dealt[fold::FOLDS] for fold in range(FOLDS)]


def _entries(data: Collection, leave_out: set[int] | None = None) -> list[KnowledgeEntry]:
    examples: list[list[str]] = [[] for _ in data.texts]
    for query, right in enumerate(data.right):
        for each in right if leave_out is not None and query not in leave_out else ():
            examples[each].append(data.queries[query])
    return [entry(number, text, examples=examples[number]) for number, text in enumerate(data.texts)]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How the threshold tells covered from not: half of the questions have their entry, from the others it is taken.

    `precision` is the share of right entries among the accepted, `recall` the share of questions with an entry that
    get it, `refused` the share of questions without one that get none; `best` is the threshold the other half chose.
    """

    precision: float
    recall: float
    refused: float
    best: float


def coverage(scores: Scores, right: Sequence[frozenset[int]]) -> Coverage:
    taken = scores.copy()
    for row, gold in enumerate(right):
        taken[row, list(gold)] = 0
    best, top = scores.max(axis=1), scores.argmax(axis=1)
    hit = np.array([int(each) in gold for each, gold in zip(top, right, strict=True)])
    even = np.arange(len(right)) % 2 == 0
    grid = np.arange(0.05, 0.4, 0.01)
    f1 = [_judged(best[even], hit[even], taken[even].max(axis=1), threshold) for threshold in grid]
    chosen = grid[np.argmax([2 * p * r / max(p + r, 1e-9) for p, r, _ in f1])]
    precision, recall, refused = _judged(best[~even], hit[~even], taken[~even].max(axis=1), COVERED)
    return Coverage(precision, recall, refused, float(chosen))


def _judged(best: Scores, hit: NDArray[np.bool_], taken: Scores, threshold: float) -> tuple[float, float, float]:
    accepted, wrongly = best >= threshold, taken >= threshold
    precision = (hit & accepted).sum() / max(int(accepted.sum() + wrongly.sum()), 1)
    return float(precision), float((hit & accepted).mean()), float((~wrongly).mean())


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds to build, MB of resident memory it left and at its peak, milliseconds per query (CPU and wall)."""

    build: float
    resident: float
    peak: float
    cpu_p50: float
    cpu_p99: float
    wall_p99: float


def speed(folder: Path, size: int = LARGE) -> Speed:
    """An index of `size` entries put together from German sentences, asked with a thousand mails it has not seen."""
    pool, queries = sentences(folder), mails(folder)[1000:]
    pick = random.Random(7)
    entries = [
        entry(number, pick.choice(pool), " ".join(pick.choices(pool, k=4)), pick.choices(pool, k=2))
        for number in range(size)
    ]
    before, began = _resident(), time.perf_counter()
    index = KnowledgeIndex.build(entries)
    build, resident = time.perf_counter() - began, _resident() - before
    cpu, wall = np.array([_timed(index, query) for query in queries]).T * 1e3
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    return Speed(
        build, resident, peak, float(np.median(cpu)), float(np.quantile(cpu, 0.99)), float(np.quantile(wall, 0.99))
    )


def _timed(index: KnowledgeIndex, query: str) -> tuple[float, float]:
    cpu, wall = time.thread_time(), time.perf_counter()
    index.search(query, on=TODAY)
    return time.thread_time() - cpu, time.perf_counter() - wall


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _table(folder: Path) -> Iterator[str]:
    rankers: dict[str, Ranker] = {"kinamik": ours, "BM25, German": peers.bm25, "char 3-5-grams": peers.char_ngrams}
    yield f"{'':44}R@1    R@3    R@5    MRR@10"
    for title, data in (("XQuAD-de", xquad(folder, "de")), ("XQuAD-en", xquad(folder, "en")), ("OMQ", omq(folder))):
        for name, ranker in rankers.items():
            yield f"{f'{title}, {name}':44}{without_examples(data, ranker)}"
    for title, data in (("OMQ with examples", omq(folder)), ("the same, 212 mails", omq(folder, at_least=3))):
        for name, ranker in (rankers | {"linear SVM": peers.linear_svm}).items():
            yield f"{f'{title}, {name}':44}{five_fold(data, ranker)}"


def main() -> None:
    folder = Path(os.environ["KINAMIK_EVAL_DATA"])
    for line in _table(folder):
        print(line)
    for title, (scores, right) in covered_or_not(folder).items():
        print(f"covered or not at {COVERED}, {title}: {coverage(scores, right)}")
    print(f"{LARGE} entries: {speed(folder)}, {os.cpu_count()} cores")


def covered_or_not(folder: Path) -> dict[str, tuple[Scores, Sequence[frozenset[int]]]]:
    german, solved = xquad(folder, "de"), omq(folder)
    return {
        "XQuAD-de": (ours(_entries(german), german.queries), german.right),
        "OMQ with examples": (_crossed(solved, ours, 0), solved.right),
    }


if __name__ == "__main__":
    main()
