"""What responses say: tokens, FETCH items, LIST entries, response codes (RFC 3501, 7)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.mailbox.imap.framing import Response

Value = bytes | None | list["Value"]

_TOKEN = re.compile(
    rb"(?P<open>\()|(?P<close>\))"
    rb'|"(?P<quoted>(?:[^"\\]|\\.)*)"'
    rb"|(?P<literal>\{\d+\}(?=\r\n|$))"
    rb'|(?P<atom>(?:[^\s()"\[]|\[[^\]]*\])+)',
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_CODE = re.compile(rb"\[([A-Za-z0-9.-]+)(?: ([^\]]*))?\]")


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of a command: OK, NO or BAD, its response code in upper case, and the untagged data before it."""

    status: str
    code: str
    text: str
    untagged: tuple[Response, ...] = ()

    @property
    def ok(self) -> bool:
        return self.status == "OK"


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder as LIST names it. `wire` is the name in the server's own spelling, `flags` are in lower case."""

    wire: str
    flags: frozenset[str]
    delimiter: str


def response_code(text: bytes) -> tuple[str, str]:
    """A status text's response code and its argument, both empty where there is none."""
    match = _CODE.match(text.lstrip())
    if match is None:
        return "", ""
    return match[1].decode("ascii").upper(), (match[2] or b"").decode("ascii", "replace")


def parse(response: Response) -> list[Value]:
    """A response's values: atoms and strings as bytes, NIL as None, parenthesised lists as lists."""
    top: list[Value] = []
    stack = [top]
    literals = iter(response.literals)
    for match in _TOKEN.finditer(response.line):
        if match["open"]:
            inner: list[Value] = []
            stack[-1].append(inner)
            stack.append(inner)
        elif match["close"]:
            if len(stack) > 1:
                stack.pop()
        else:
            stack[-1].append(_scalar(match, literals))
    return top


def fetched(untagged: Iterable[Response]) -> Iterator[dict[bytes, Value]]:
    """The items of each FETCH response, names in upper case; other responses are passed over."""
    for response in untagged:
        if b" FETCH " not in response.line[:24].upper():
            continue
        match parse(response):
            case [_, _, _, list(items)]:
                yield {name.upper(): value for name, value in _pairs(items) if isinstance(name, bytes)}
            case _:
                continue


def found(untagged: Iterable[Response]) -> list[int]:
    """The numbers that SEARCH found, ascending."""
    lines = (response.line.upper().split() for response in untagged)
    numbers = {int(word) for words in lines if words[1:2] == [b"SEARCH"] for word in words[2:] if word.isdigit()}
    return sorted(numbers)


def listed(untagged: Iterable[Response]) -> list[Listed]:
    """The folders that LIST named."""
    folders: list[Listed] = []
    for response in untagged:
        match parse(response):
            case [b"*", bytes(kind), list(flags), bytes() | None as delimiter, bytes(name), *_] if (
                kind.upper() == b"LIST"
            ):
                folders.append(Listed(_text(name), _flags(flags), _text(delimiter or b"")))
            case _:
                continue
    return folders


def flags_of(value: Value) -> frozenset[str]:
    """A FLAGS item's flags as the server spells them."""
    items = value if isinstance(value, list) else []
    return frozenset(_text(item) for item in items if isinstance(item, bytes))


def number_of(value: Value) -> int | None:
    """A number item, None where it is missing or none."""
    return int(value) if isinstance(value, bytes) and value.isdigit() else None


def _scalar(match: re.Match[bytes], literals: Iterator[bytes]) -> Value:
    if match["literal"]:
        return next(literals, b"")
    if match["quoted"] is not None:
        return _ESCAPED.sub(rb"\1", match["quoted"])
    atom = match["atom"]
    return None if atom.upper() == b"NIL" else atom


def _pairs(items: list[Value]) -> Iterator[tuple[Value, Value]]:
    return zip(items[::2], items[1::2], strict=False)


def _flags(values: list[Value]) -> frozenset[str]:
    return frozenset(flag.lower() for flag in flags_of(values))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
