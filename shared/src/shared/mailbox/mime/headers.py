"""Header fields: where they end, unfolded (RFC 5322, 2.2.3), encoded words (RFC 2047), parameters (RFC 2231)."""

import binascii
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from shared.mailbox.mime import limits
from shared.mailbox.mime.charset import clean_line, decode, decode_header

_FIELD: Final = re.compile(rb"(?!--)([!-9;-~]{1,200})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)(?:\n|\Z)")
_BLANK: Final = re.compile(rb"[ \t\r]*(?:\n|\Z)")
_STRAY: Final = re.compile(rb"[^\n]*(?:\n|\Z)")
_MBOX: Final = re.compile(rb"(?:[ \t]*\r?\n)*(?:>?From [^\n]*\n)?")
_FOLD: Final = re.compile(rb"\r?\n[ \t]*")

_WORD: Final = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([BbQq])\?([^?]*)\?=")
_KIND: Final = re.compile(r"\s*([^\s;]*)")
_PARAMETER: Final = re.compile(r";\s*([^\s=;]{1,100})\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;]*)")
_SECTION: Final = re.compile(r"(.+?)\*(\d{1,2})?(\*)?$")


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one header in order, names in lower case, values raw; `cut` where there were too many."""

    items: list[tuple[str, bytes]]
    end: int
    cut: bool = False

    def first(self, name: str) -> bytes:
        return next((value for key, value in self.items if key == name), b"")


def scan(raw: bytes, start: int, stop: int) -> Fields:
    """Reads the header that starts at `start`. `end` is where the body starts.

    A line that is no field ends the header as a blank line does, unless the next line is one: then it is dropped.
    """
    items: list[tuple[str, bytes]] = []
    position, cut = start, False
    while position < stop:
        if field := _FIELD.match(raw, position, stop):
            cut = cut or len(items) >= limits.HEADER_FIELDS or field.end(2) - field.start(2) > limits.HEADER_BYTES
            if len(items) < limits.HEADER_FIELDS:
                value = raw[field.start(2) : min(field.end(2), field.start(2) + limits.HEADER_BYTES)]
                items.append((field[1].decode("ascii").lower(), _FOLD.sub(b" ", value).strip()))
            position = field.end()
        elif blank := _BLANK.match(raw, position, stop):
            return Fields(items, blank.end(), cut)
        else:
            stray = _STRAY.match(raw, position, stop)
            after = stray.end() if stray else stop
            if raw.startswith(b"--", position) or not _FIELD.match(raw, after, stop):
                return Fields(items, position, cut)
            position = after
    return Fields(items, stop, cut)


def skip_envelope(raw: bytes, start: int = 0) -> int:
    """Where the header starts: after blank lines and an mbox separator."""
    found = _MBOX.match(raw, start)
    return found.end() if found else start


def text_of(value: bytes) -> str:
    """The decoded value of an unstructured field. Never raises."""
    return clean_line(decode_words(decode_header(value)))[: limits.HEADER_CHARS]


def decode_words(text: str) -> str:
    """Replaces encoded words (RFC 2047); neighbours of one charset are joined first, since some cut characters."""
    if "=?" not in text:
        return text
    out: list[str] = []
    pending, charset, end = b"", "", 0
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        adjacent = end > 0 and not between.strip()
        if not adjacent or word[1].lower() != charset:
            out.append(decode(pending, charset))
            pending, charset = b"", word[1].lower()
        if not adjacent:
            out.append(between)
        pending += _word_bytes(word[2], word[3])
        end = word.end()
    out += decode(pending, charset), text[end:]
    return "".join(out)


def _word_bytes(encoding: str, data: str) -> bytes:
    raw = data.encode("utf-8", "replace")
    if encoding in "Qq":
        return binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)
    return a2b_base64(raw)


def a2b_base64(data: bytes) -> bytes:
    """Base64 as far as it goes: foreign characters, missing padding and a cut end are forgiven."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        whole = kept[: len(kept) - (len(kept) % 4 == 1)]
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """The value before the first `;` in lower case, and the parameters, continuations joined (RFC 2231, 3 and 4)."""
    text = decode_header(value[:8_000])
    kind = _KIND.match(text)
    rest = text[kind.end() :] if kind else text
    plain: dict[str, str] = {}
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for found in _PARAMETER.finditer(rest if rest.lstrip().startswith(";") else f";{rest}"):
        name, content = found[1].lower(), _unquoted(found[2])
        if section := _SECTION.fullmatch(name):
            sections.setdefault(section[1], []).append(
                (int(section[2] or 0), bool(section[3] or not section[2]), content)
            )
        else:
            plain.setdefault(name, content if name == "boundary" else clean_line(decode_words(content)))
    plain.update({name: _joined(parts) for name, parts in sections.items()})
    return kind[1].lower() if kind else "", plain


def _unquoted(text: str) -> str:
    text = text.strip()
    if text.startswith('"'):
        text = text[1:-1] if len(text) > 1 and text.endswith('"') else text[1:]
        return re.sub(r"\\(.)", r"\1", text)
    return text


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    charset, data = "", b""
    for number, encoded, content in sorted(parts):
        if encoded and number == 0 and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        data += unquote_to_bytes(content) if encoded else content.encode("utf-8", "replace")
    return clean_line(decode(data, charset))
