"""Address lists (RFC 5322, 3.4) as they come: groups, comments, routes, encoded words, stray quotes and commas."""

import re
from dataclasses import dataclass, field
from typing import Final

from shared.mail import Address
from shared.mailbox.mime import limits
from shared.mailbox.mime.charset import clean_line, decode_header
from shared.mailbox.mime.headers import decode_words

_QUOTED: Final = r'(?P<quoted>"(?:[^"\\]|\\.)*")|'
_REST: Final = (
    r"(?P<encoded>=\?[^?\s]{1,80}\?[BbQq]\?[^?]*\?=)|(?P<angle><[^<>]*>)|(?P<special>[,;:()\"<])"
    r"|(?P<word>(?:(?!=\?)[^\s,;:()\"<])+)|(?P<space>\s+|.)"
)
_TOKEN: Final = re.compile(_QUOTED + _REST, re.DOTALL)
_TOKEN_WITHOUT_QUOTES: Final = re.compile(_REST, re.DOTALL)


@dataclass(slots=True)
class _Reader:
    """What has been read: the addresses, and the current one. `pending` are words that a comma cut off."""

    found: list[Address] = field(default_factory=list[Address])
    pending: str = ""
    words: list[str] = field(default_factory=list[str])
    comment: list[str] = field(default_factory=list[str])
    angle: str | None = None
    depth: int = 0

    def flush(self) -> None:
        name, address = " ".join(self.words), self.angle
        if address is None:
            name, address = _bare(self.words)
        elif self.pending and name:
            name = f"{self.pending}, {name}"
        if address:
            self.pending = ""
            if len(self.found) < limits.ADDRESSES:
                self.found.append(_address(name or " ".join(self.comment), address))
        else:
            self.pending = name or self.pending
        self.reset()

    def reset(self) -> None:
        self.words, self.comment, self.angle, self.depth = [], [], None, 0


def parse(value: bytes) -> tuple[Address, ...]:
    """The addresses of one field, those of groups too, at most 200. Never raises.

    A single word without @ is an address only where the field has nothing else.
    """
    text = decode_header(value)
    return tuple(_parse(decode_words(text) if "=?" in text and "@" not in text else text))


def _parse(text: str) -> list[Address]:
    reader, pattern = _Reader(), _TOKEN
    position = 0
    while found := pattern.match(text, position):
        position = found.end()
        kind, token = found.lastgroup, found[0]
        if token == '"':
            pattern = _TOKEN_WITHOUT_QUOTES
        elif reader.depth:
            _comment(reader, token)
        elif kind == "special":
            _special(reader, token, closed=text.find(")", position) >= 0)
        elif kind == "angle":
            reader.angle = reader.angle or token[1:-1]
        elif kind == "quoted":
            reader.words.append(re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL))
        elif kind != "space":
            reader.words.append(token)
    reader.flush()
    if not reader.found and reader.pending and " " not in reader.pending:
        return [_address("", reader.pending)]
    return reader.found


def _special(reader: _Reader, token: str, *, closed: bool) -> None:
    if token in ",;":
        reader.flush()
    elif token == ":" and reader.angle is None and not any("@" in word for word in reader.words):
        reader.reset()
    elif token == "(" and closed:
        reader.depth = 1


def _comment(reader: _Reader, token: str) -> None:
    reader.depth += {"(": 1, ")": -1}.get(token, 0)
    if reader.depth and token.strip():
        reader.comment.append(token)


def _bare(words: list[str]) -> tuple[str, str]:
    """The words around an address without angle brackets, and the address, empty where there is none."""
    for number, word in enumerate(words):
        if "@" in word[1:-1]:
            return " ".join(words[:number] + words[number + 1 :]), word.strip("<>")
    joined = "".join(words)
    return ("", joined) if "@" in joined[1:-1] else (" ".join(words), "")


def _address(name: str, address: str) -> Address:
    if address.startswith("@") and ":" in address:
        address = address.partition(":")[2]
    address = decode_words(address)
    if "<" in address:
        name, _, address = address.partition("<")
    shown = clean_line(decode_words(name)).strip("'\" ")
    plain = "".join(clean_line(address).split()).strip("<>")
    return Address(name=shown[: limits.NAME_CHARS], address=plain[: limits.ADDRESS_CHARS])
