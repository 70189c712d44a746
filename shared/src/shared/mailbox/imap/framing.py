"""From a stream of bytes to whole responses, literals and all (RFC 3501, 7 and 9)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LINE = 16 * 1024 * 1024
MAX_LITERAL = 64 * 1024 * 1024

_LITERAL = re.compile(rb"\{(\d{1,10})\}$")
_STATUS = re.compile(rb"\+|\S+ (?:OK|NO|BAD|BYE|PREAUTH)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Response:
    """One response. `line` is its text, in which a literal stands as `{size}` CRLF; `literals` in order."""

    line: bytes
    literals: tuple[bytes, ...] = ()


class Framer:
    """Cuts what arrives into responses. Iterative: thousands of responses may arrive in one piece."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        self._literals: list[bytes] = []
        self._awaited: int | None = None
        self._scanned = 0

    @property
    def empty(self) -> bool:
        """Whether nothing is waiting for its end."""
        return not self._buffer and not self._lines

    def feed(self, data: bytes) -> Iterator[Response]:
        """The responses that `data` completes. Raises ValueError where one is larger than we ever ask for."""
        self._buffer += data
        while self._take_literal() and (line := self._take_line()) is not None:
            self._lines.append(line)
            if not self._announces_literal(line):
                yield self._complete()

    def _take_literal(self) -> bool:
        if self._awaited is None:
            return True
        if len(self._buffer) < self._awaited:
            return False
        self._literals.append(self._take(self._awaited))
        self._awaited = None
        return True

    def _take_line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n", self._scanned)
        if end < 0:
            if len(self._buffer) > MAX_LINE:
                raise ValueError("line too long")
            self._scanned = max(0, len(self._buffer) - 1)
            return None
        line = self._take(end)
        del self._buffer[:2]
        return line

    def _take(self, size: int) -> bytes:
        taken = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        self._scanned = 0
        return taken

    def _announces_literal(self, line: bytes) -> bool:
        mark = _LITERAL.search(line)
        if mark is None or _STATUS.match(self._lines[0]):
            return False
        self._awaited = int(mark[1])
        if self._awaited > MAX_LITERAL:
            raise ValueError("literal too long")
        return True

    def _complete(self) -> Response:
        response = Response(b"\r\n".join(self._lines), tuple(self._literals))
        self._lines.clear()
        self._literals.clear()
        return response
