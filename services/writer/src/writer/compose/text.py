"""Making foreign text harmless before it becomes part of a message."""

import re
import unicodedata

_NEWLINES = re.compile(r"\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_SPACES = re.compile(r"\s+")
_DIRECTIONS = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def block(text: str, limit: int) -> str:
    """Text of several lines: \\n as the only line break, no control characters, at most `limit` characters."""
    return _CONTROLS.sub("", _NEWLINES.sub("\n", text[:limit])).strip("\n")


def line(text: str, limit: int) -> str:
    """Text for a header: one line, no control characters nor changes of direction, at most `limit` characters."""
    flat = _SPACES.sub(" ", _NEWLINES.sub(" ", text[: 4 * limit]))
    clean = _DIRECTIONS.sub("", _CONTROLS.sub("", flat))
    return unicodedata.normalize("NFC", clean)[:limit].strip()
