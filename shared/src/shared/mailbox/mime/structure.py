"""The tree of parts (RFC 2046), found in one pass over the lines that start with two hyphens.

Python's own parser is not used here: it recurses per level (a mail of 1,000 nested parts raises RecursionError) and
looks at every line once per open level, so its time is not bounded by the mail's size.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from shared.mailbox.mime import headers, limits

_DELIMITER: Final = re.compile(rb"^--([^\r\n]{1,250}?)[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_TYPE: Final = re.compile(r"[\w.+!#$&^-]+/[\w.+!#$&^-]+")


@dataclass(slots=True, eq=False)
class Part:
    """One part. Its content is `raw[start:stop]` of the mail; `kind` is its media type in lower case."""

    kind: str
    fields: headers.Fields
    parameters: dict[str, str]
    disposition: str
    name: str
    start: int
    stop: int
    children: list["Part"] = field(default_factory=list["Part"])

    @property
    def multipart(self) -> bool:
        return self.kind.startswith("multipart/")


@dataclass(slots=True)
class Tree:
    """`parts` are all parts in order, the root first. `cut`: there were more, or deeper ones, or too many fields."""

    parts: list[Part]
    cut: bool = False

    @property
    def root(self) -> Part:
        return self.parts[0]


def scan(raw: bytes) -> Tree:
    """The parts of a mail. Contained messages (message/rfc822) are one part each. Linear in time, never raises."""
    root = _part(raw, headers.skip_envelope(raw), len(raw), "text/plain")
    tree = Tree([root], root.fields.cut)
    stack: list[Part] = []
    places: dict[bytes, int] = {}
    if not _open(root, stack, places):
        return tree
    position = root.start
    while found := _DELIMITER.search(raw, position):
        position = found.end()
        closing, place = _place(found[1], places)
        if place is None:
            continue
        _close(stack, places, keep=place, stop=_before(raw, found.start()))
        parent = stack[-1]
        if parent.children and parent.children[-1].stop == len(raw):
            parent.children[-1].stop = _before(raw, found.start())
        if closing:
            places.pop(_boundary(stack.pop()), None)
            if not stack:
                break
            continue
        if position >= len(raw):
            break
        if len(tree.parts) >= limits.PARTS:
            tree.cut = True
            break
        child = _part(raw, position, len(raw), "message/rfc822" if parent.kind == "multipart/digest" else "text/plain")
        parent.children.append(child)
        tree.parts.append(child)
        tree.cut = tree.cut or child.fields.cut
        position = child.start
        if child.multipart:
            if len(stack) < limits.DEPTH:
                _open(child, stack, places)
            else:
                tree.cut = True
    return tree


def _part(raw: bytes, start: int, stop: int, default: str) -> Part:
    fields = headers.scan(raw, start, stop)
    kind, parameters = headers.parameters(fields.first("content-type"))
    disposition, more = headers.parameters(fields.first("content-disposition"))
    if not _TYPE.fullmatch(kind):
        kind = {"text": "text/plain", "html": "text/html"}.get(kind, default)
    name = (more.get("filename") or parameters.get("name") or "")[: limits.NAME_CHARS]
    return Part(kind, fields, parameters, disposition, name, fields.end, stop)


def _boundary(part: Part) -> bytes:
    return part.parameters.get("boundary", "").encode("utf-8", "replace")


def _open(part: Part, stack: list[Part], places: dict[bytes, int]) -> bool:
    boundary = _boundary(part)
    if not part.multipart or not boundary or boundary in places:
        return False
    places[boundary] = len(stack)
    stack.append(part)
    return True


def _place(line: bytes, places: dict[bytes, int]) -> tuple[bool, int | None]:
    """Which open level a delimiter line belongs to, and whether it closes that level."""
    if (place := places.get(line)) is not None:
        return False, place
    return True, places.get(line[:-2]) if line.endswith(b"--") else None


def _close(stack: list[Part], places: dict[bytes, int], *, keep: int, stop: int) -> None:
    """Ends the levels above `keep`: an outer delimiter ends inner parts that were never closed."""
    while len(stack) > keep + 1:
        part = stack.pop()
        places.pop(_boundary(part), None)
        if part.children and part.children[-1].stop > stop:
            part.children[-1].stop = stop


def _before(raw: bytes, position: int) -> int:
    """The line break before a delimiter belongs to the delimiter (RFC 2046, 5.1.1)."""
    if raw[position - 1 : position] == b"\n":
        position -= 1
    return position - 1 if raw[position - 1 : position] == b"\r" else position
