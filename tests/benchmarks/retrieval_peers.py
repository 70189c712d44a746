"""What others would do: BM25 on German stems, cosine of character n-grams, a linear classifier on solved mails."""

import re
from collections.abc import Sequence

import numpy as np
import snowballstemmer
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.svm import LinearSVC

from drafter.language import GERMAN
from shared.config import KnowledgeEntry

Scores = NDArray[np.float64]

_WORD = re.compile(r"\w+")
_stemmer = snowballstemmer.stemmer("german")


def bm25(entries: Sequence[KnowledgeEntry], queries: Sequence[str], *, k1: float = 1.2, b: float = 0.75) -> Scores:
    """Okapi BM25 on words without stop words, stemmed by Snowball; an entry is all its texts."""
    vectorizer = CountVectorizer(analyzer=_stems)
    counts = csr_matrix(vectorizer.fit_transform([_whole(entry) for entry in entries]), dtype=float)
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    frequency = np.asarray((counts > 0).sum(axis=0)).ravel()
    norm = np.repeat(k1 * (1 - b + b * lengths / lengths.mean()), np.diff(counts.indptr))
    counts.data = counts.data * (k1 + 1) / (counts.data + norm)
    weights = counts @ diags(np.log(1 + (len(entries) - frequency + 0.5) / (frequency + 0.5)))
    return np.asarray((vectorizer.transform(queries) @ weights.T).toarray())


def char_ngrams(entries: Sequence[KnowledgeEntry], queries: Sequence[str]) -> Scores:
    """Cosine of TF-IDF, character 3- to 5-grams inside words; an entry is all its texts."""
    vectorizer = _tfidf()
    known = vectorizer.fit_transform([_whole(entry) for entry in entries])
    return np.asarray((vectorizer.transform(queries) @ known.T).toarray())


def linear_svm(entries: Sequence[KnowledgeEntry], queries: Sequence[str]) -> Scores:
    """One-vs-rest linear SVM on the same n-grams, trained on the entries' texts and their examples."""
    texts = [(text, number) for number, entry in enumerate(entries) for text in (entry.question, *entry.examples)]
    vectorizer = _tfidf()
    known = vectorizer.fit_transform([text for text, _ in texts])
    model = LinearSVC(max_iter=10_000, random_state=0).fit(known, [number for _, number in texts])
    return np.asarray(model.decision_function(vectorizer.transform(queries)))


def _tfidf() -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)


def _stems(text: str) -> list[str]:
    return [_stemmer.stemWord(word) for word in _WORD.findall(text.lower()) if word not in GERMAN]


def _whole(entry: KnowledgeEntry) -> str:
    return "\n".join((entry.question, entry.answer, *entry.examples))
