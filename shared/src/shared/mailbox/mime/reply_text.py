"""What the sender newly wrote: the body without the quoted original and without the signature."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from shared.mailbox.mime import patterns
from shared.mailbox.mime.html_quotes import HINT
from shared.mailbox.mime.html_text import Rendered, render

_LINES: Final = 4_000
_OVERFLOW: Final = 60


class _Kind(Enum):
    FORWARD = auto()
    REST = auto()
    QUOTE = auto()
    SIGNATURE = auto()


@dataclass(frozen=True, slots=True)
class _Found:
    """A marker: the lines before `start` are the sender's own, what it announces begins at `stop`."""

    kind: _Kind
    start: int
    stop: int


def new_text(body: str, html: str | None = None, *, subject: str = "", threaded: bool = True) -> str:
    r"""What the sender newly wrote, out of the plain text `body` (lines ended by \n) and its HTML telling.

    What mail programs mark in HTML decides, then patterns of text. Everything is kept where the reply stands between
    quoted lines (there, and only there, HTML quotes come with `>`), where nothing else would be left, and in a
    forward. `threaded`: the mail says that it is a reply; if not, a copied header counts only when it is complete
    (sender, date, recipient, subject), since contact forms look much the same.
    """
    rendered = render(html) if html and HINT.search(html) else None
    return reply_text(body, rendered, subject=subject, threaded=threaded)


def reply_text(body: str, rendered: Rendered | None, *, subject: str = "", threaded: bool = True) -> str:
    """`new_text` for HTML that is rendered already."""
    if patterns.FORWARD_SUBJECT.match(subject):
        return body.strip()
    marked = _unmarked(rendered) if rendered is not None and rendered.quoted else None
    if marked is not None and not marked[1]:
        return marked[0]
    return _own(marked[0] if marked else body, threaded) or body.strip()


def _unmarked(rendered: Rendered) -> tuple[str, bool] | None:
    """The text outside the marked ranges, and True; or all of it, and False, where it is inline or a forward."""
    ranges = _joined(rendered)
    first, last = ranges[0], ranges[-1]
    text = rendered.text
    opening = text[first[0] : first[0] + 300].strip().split("\n")
    if any(patterns.FORWARD.match(line) for line in opening[:3]):
        return text.strip(), False
    if len(ranges) > 1 and text[: first[0]].strip() + text[first[1] : last[0]].strip():
        return _prefixed(text, ranges), False
    kept = text[: first[0]].rstrip() + "\n\n" + text[last[1] :].strip()
    if not kept.strip():
        return None
    return (text.strip(), False) if _points_down(kept) else (kept.strip(), True)


def _joined(rendered: Rendered) -> list[tuple[int, int]]:
    """Ranges with nothing but white space between them are one."""
    out = [rendered.quoted[0]]
    for start, stop in rendered.quoted[1:]:
        if rendered.text[out[-1][1] : start].strip():
            out.append((start, stop))
        else:
            out[-1] = out[-1][0], stop
    return out


def _prefixed(text: str, ranges: list[tuple[int, int]]) -> str:
    out: list[str] = []
    position = 0
    for start, stop in ranges:
        out.append(text[position:start].strip("\n"))
        out += ["> " + line for line in text[start:stop].strip("\n").split("\n")]
        position = stop
    out.append(text[position:].strip("\n"))
    return "\n".join(out).strip()


def _own(text: str, threaded: bool) -> str:
    """The sender's own lines; all of them where the rest would be empty."""
    lines = text.split("\n")
    found = _first(lines, 0, threaded)
    if found is None or found.kind is _Kind.FORWARD:
        return text.strip()
    above = _trimmed(lines[: found.start])
    if found.kind is _Kind.REST:
        return text.strip() if _points_down(above) else above or text.strip()
    if found.kind is _Kind.SIGNATURE:
        return above or text.strip()
    return _around_quotes(lines, found, above, threaded)


def _around_quotes(lines: list[str], found: _Found, above: str, threaded: bool) -> str:
    """Of an answer above or below one quoted block, the answer; of one between several, everything."""
    blocks, below, end = _blocks(lines, found.stop, threaded)
    if blocks > 1 and below:
        return "\n".join(lines[:end]).strip()
    if below:
        return f"{above}\n\n{below}".strip()
    return "\n".join(lines).strip() if not above or _points_down(above) else above


def _blocks(lines: list[str], start: int, threaded: bool) -> tuple[int, str, int]:
    """How many quoted blocks follow, the unquoted text after the first of them, and where a signature ends it all."""
    count, inside, below = 0, False, list[str]()
    previous = ""
    end = min(len(lines), start + _LINES)
    for number in range(start, end):
        line = lines[number]
        if patterns.quoted(line):
            count += not inside
            inside, previous = True, line
            continue
        if _ends(lines, number, threaded):
            end = number
            break
        wrapped = bool(line.strip()) and len(previous) >= _OVERFLOW
        previous = ""
        if wrapped or not line.strip() or _attributed(lines, number):
            below.append("")
            continue
        inside = False
        below.append(line)
    return count, _trimmed(below), end


def _ends(lines: list[str], number: int, threaded: bool) -> bool:
    return _signs(lines, number) or _announces(lines, number, threaded)


def _attributed(lines: list[str], number: int) -> bool:
    return any(
        (start := patterns.attribution(lines, end)) is not None and start <= number
        for end in range(number, min(number + 3, len(lines)))
    )


def _first(lines: list[str], start: int, threaded: bool) -> _Found | None:
    """The first marker of any kind."""
    for number in range(start, min(len(lines), start + _LINES)):
        line = lines[number]
        if patterns.quoted(line):
            return _Found(_Kind.QUOTE, number, number)
        if not line.strip():
            continue
        if patterns.FORWARD.match(line):
            return _Found(_Kind.FORWARD, number, number)
        if _announces(lines, number, threaded):
            return _Found(_Kind.REST, number, number)
        if _signs(lines, number):
            return _Found(_Kind.SIGNATURE, number, number)
        if (begin := patterns.attribution(lines, number)) is not None:
            quoted = any(patterns.quoted(one) for one in lines[number + 1 : number + 6])
            return _Found(_Kind.QUOTE if quoted else _Kind.REST, begin, number + 1)
    return None


def _announces(lines: list[str], number: int, threaded: bool) -> bool:
    if patterns.SEPARATOR.match(lines[number]):
        return True
    return patterns.header_block(lines, number, least=3 if threaded else 4)


def _signs(lines: list[str], number: int) -> bool:
    line = lines[number]
    return bool(patterns.SIGNATURE.match(line)) or patterns.sent_from(line) or patterns.list_footer(lines, number)


def _points_down(above: str) -> bool:
    """`Siehe unten in rot`: the answers are in the quoted text."""
    return len(above) < 300 and bool(patterns.POINTER.search(above))


def _trimmed(lines: list[str]) -> str:
    """Without blank lines around, and without the rule that separates the original."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or patterns.BARE_RULE.match(lines[end - 1])):
        end -= 1
    return "\n".join(lines[:end]).strip()
