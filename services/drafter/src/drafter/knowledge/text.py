"""Text as weighted features: the beginnings of its words, and runs of four characters across them.

Beginnings find the inflected word as well as a stemmer does, and faster; runs find the compound, the typo and the half
word. Both are keys of 64 bits in one space, so that an entry is one sparse vector.

A short word has few runs, so its beginning makes up for them: "PC" or "DVD" often is what a mail is about. Plain
numbers and single letters are left as they are: dates, guests and initials would drown a short question.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drafter.language import ENGLISH, GERMAN

_LONGEST = 20_000  # characters read of one text: a mail's question comes before that
_RUN = 4
_BEGINNING = 6
_BEGINNING_WORTH = 2.0  # squared weight; a run's is 1
_LEAST_WORTH = 6.0  # of a word, its runs included: that of a word of five letters

_WORD = re.compile(r"(?:(?<!\w)-(?=\d))?\w+")  # error -4 is not error 4
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "\N{MINUS SIGN}": "-"})
_COURTESY = """
    besten bitte danke dank dear damen freundliche freundlichen freundlicher geehrte geehrter gerne gruß grüße grüßen
    guten herren herzliche herzlichen hi lieber liebe mfg morgen regards sehr tag thank thanks viele vielen
"""


def fold(text: str) -> str:
    """Return `text` in lower case, compatibility-normalised (NFKC), with umlauts spelled out."""
    return unicodedata.normalize("NFKC", text).lower().translate(_FOLD)


STOP_WORDS = frozenset(fold(word) for word in (*GERMAN, *ENGLISH, *_COURTESY.split()))


class Features(NamedTuple):
    """Distinct keys and each one's weight: 1 + ln(count), times what its kind is worth."""

    keys: NDArray[np.uint64]
    weights: NDArray[np.float32]


def words(text: str) -> list[str]:
    """Return the folded words of `text` that carry meaning, in order."""
    return [word for word in _WORD.findall(fold(text[:_LONGEST])) if word not in STOP_WORDS]


def features(text: str) -> Features:
    """Return the features of `text`; none for a text without a meaningful word."""
    content = words(text)
    runs, beginnings = _counted(_runs(content)), _counted(_beginnings(content))
    return Features(
        np.concatenate([runs.keys, beginnings.keys]),
        np.concatenate([runs.weights, beginnings.weights * np.sqrt(_worth(beginnings.keys))]),
    )


def _counted(keys: NDArray[np.uint64]) -> Features:
    distinct, counts = np.unique(keys, return_counts=True)
    return Features(distinct, (1 + np.log(counts)).astype(np.float32))


def _runs(content: Sequence[str]) -> NDArray[np.uint64]:
    """Four UTF-16 units are 64 bits: a run is its own key."""
    units = np.frombuffer(f" {' '.join(content)} ".encode("utf-16-le"), np.uint16)
    if len(units) < _RUN:
        return np.empty(0, np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(units, _RUN)
    return np.ascontiguousarray(windows).view(np.uint64).ravel()


def _beginnings(content: Sequence[str]) -> NDArray[np.uint64]:
    """At most six bytes of UTF-8 and two of zero, which no run has at its end."""
    return np.array([word.encode()[:_BEGINNING] for word in content], "S8").view(np.uint64)


def _worth(beginnings: NDArray[np.uint64]) -> NDArray[np.float32]:
    """A word of n letters has n - 1 runs that begin or lie in it."""
    starts = beginnings.view("S8")
    length = np.strings.str_len(starts)
    plain = np.strings.isdigit(starts) | (length == 1)
    missing = np.where(plain, 0, _LEAST_WORTH - (length - 1))
    return np.maximum(missing, _BEGINNING_WORTH).astype(np.float32)
