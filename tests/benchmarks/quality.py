"""What is read and found right, on mails that nobody here wrote. Needs KINAMIK_EVAL_DATA."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
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
    """The right paragraph or entry, beside the usual rankers, and held against the best figures known before."""
    folder = _folder()
    rankers = {"kinamik": retrieval.ours, "BM25": retrieval_peers.bm25, "n-grams": retrieval_peers.char_ngrams}
    german, mails, solved = xquad(folder, "de"), omq(folder), omq(folder, at_least=3)
    ranked = {name: retrieval.without_examples(german, ranker) for name, ranker in rankers.items()}
    yield _beside("XQuAD-de", ranked, r1=0.896, mrr=0.933)
    ranked = {name: retrieval.without_examples(mails, ranker) for name, ranker in rankers.items()}
    yield _beside("OMQ", ranked, r1=0.475, r5=0.789)
    rankers |= {"linear SVM": retrieval_peers.linear_svm}
    ranked = {name: retrieval.five_fold(solved, ranker) for name, ranker in rankers.items()}
    yield _beside("OMQ, examples, 5-fold", ranked, r1=0.797, r3=0.920)
    speed = retrieval.speed(folder)
    figure = f"{speed.cpu_p50:.1f} ms of CPU per query, p99 {speed.cpu_p99:.1f} ms (wall {speed.wall_p99:.1f} ms)"
    figure += f"; built in {speed.build:.1f} s, {speed.resident:.0f} MB"
    target = f"p99 at most {P99_MILLISECONDS:.0f} ms"
    yield Row(f"{retrieval.LARGE:,} entries", figure, target, speed.wall_p99 <= P99_MILLISECONDS)


def _beside(title: str, ranked: Mapping[str, retrieval.Quality], **least: float) -> Row:
    ours = ranked["kinamik"]
    figures = "; ".join(f"{name} {q.r1:.3f} {q.r3:.3f} {q.r5:.3f} {q.mrr:.3f}" for name, q in ranked.items())
    met = all(round(getattr(ours, measure), 3) >= value for measure, value in least.items())
    target = ", ".join(f"{measure} at least {value:.3f}" for measure, value in least.items())
    return Row(title, f"R@1 R@3 R@5 MRR@10: {figures}", target, met)


def judged() -> Iterator[Row]:
    """What the gate makes of each collection."""
    folder = _folder()
    for name in gate.SETS:
        reasons = Counter(reason or "wanted" for _, reason in gate.judgements(folder, name))
        yield Row(name, ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()))
