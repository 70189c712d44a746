"""What is read and found right, on mails that nobody here wrote. Needs KINAMIK_EVAL_DATA."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import gate, mime_agreement, reply_text, retrieval, retrieval_peers
from tests.benchmarks.retrieval_data import omq, xquad
from tests.benchmarks.systems import Missing
from tests.benchmarks.table import Row

BEST_LIBRARY_EXACT = 24
P99_MILLISECONDS = 5.0


def _folder() -> Path:
    named = os.environ.get("KINAMIK_EVAL_DATA")
    if not named or not Path(named).is_dir():
        raise Missing("KINAMIK_EVAL_DATA names no folder with evaluation data")
    return Path(named)


def odd_mail() -> Iterator[Row]:
    """How far our reading of awkward mails agrees with mail-parser's."""
    result = mime_agreement.measure(_folder())
    fields = ", ".join(f"{name} {result.share(name):.0%}" for name in mime_agreement.FIELDS)
    yield Row("mail-parser's", f"{result.mails} mails, {result.overall:.1%} of all fields agree: {fields}")


def replies() -> Iterator[Row]:
    """Exact new text of replies, beside a library and beside doing nothing."""
    for name, score in reply_text.measure(_folder()).items():
        figure = f"{score.exact} of {score.total} exact, {score.milliseconds:.2f} ms of CPU each"
        ours = name == "kinamik"
        met = score.exact > BEST_LIBRARY_EXACT if ours else None
        yield Row(name, figure, f"more than {BEST_LIBRARY_EXACT}", met)


def found_knowledge() -> Iterator[Row]:
    """The right paragraph or entry, beside the usual rankers."""
    folder = _folder()
    rankers = {"kinamik": retrieval.ours, "BM25": retrieval_peers.bm25, "n-grams": retrieval_peers.char_ngrams}
    collections = {"XQuAD-de": xquad(folder, "de"), "OMQ": omq(folder)}
    for title, collection in collections.items():
        best = {name: retrieval.without_examples(collection, ranker) for name, ranker in rankers.items()}
        yield _beside(title, best)
    solved = rankers | {"linear SVM": retrieval_peers.linear_svm}
    best = {name: retrieval.five_fold(collections["OMQ"], ranker) for name, ranker in solved.items()}
    yield _beside("OMQ with examples", best)
    speed = retrieval.speed(folder)
    target = f"p99 at most {P99_MILLISECONDS:.0f} ms of CPU"
    yield Row("10,000 entries", str(speed), target, speed.cpu_p99 <= P99_MILLISECONDS)


def _beside(title: str, best: dict[str, retrieval.Quality]) -> Row:
    figures = "; ".join(f"{name} {q.r1:.3f} {q.r5:.3f} {q.mrr:.3f}" for name, q in best.items())
    met = best["kinamik"].r1 >= max(quality.r1 for quality in best.values())
    return Row(title, f"R@1 R@5 MRR@10: {figures}", "R@1 at or above the best", met)


def judged() -> Iterator[Row]:
    """What the gate makes of each collection."""
    folder = _folder()
    for name in gate.SETS:
        reasons = Counter(reason or "wanted" for _, reason in gate.judgements(folder, name))
        yield Row(name, ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()))
