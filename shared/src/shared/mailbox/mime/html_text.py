"""HTML to the text that a reader sees, with the ranges marked that a mail program marked as quoted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from shared.mailbox.mime import limits
from shared.mailbox.mime.charset import clean, visible
from shared.mailbox.mime.html_hidden import SKIPPED, Look, Visibility
from shared.mailbox.mime.html_quotes import Mark, mark_of
from shared.mailbox.mime.text_writer import TextWriter

_PARAGRAPHS: Final = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "table", "pre", "dl"}
)
_BLOCKS: Final = _PARAGRAPHS | frozenset(
    {"div", "tr", "li", "hr", "section", "article", "header", "footer", "address", "center", "form", "dt", "dd", "body"}
    | {"main", "fieldset", "figure", "caption", "thead", "tbody", "tfoot"}
)
_TABLE: Final = frozenset({"tr", "td", "th", "tbody", "thead", "tfoot", "table"})
_LONG_TAG: Final = re.compile(rf"<[a-zA-Z/!][^>]{{{limits.HTML_TAG_CHARS},}}>?")
_URL_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Rendered:
    """Text, and the ranges (start, stop) of it that are quoted, in order. `cut`: the HTML was too long."""

    text: str
    quoted: tuple[tuple[int, int], ...] = ()
    cut: bool = False


@dataclass(slots=True)
class _Open:
    """An element whose end has not been reached. `count` numbers the items of a list."""

    tag: str
    look: Look
    start: int
    mark: Mark = Mark.NONE
    marked_inside: bool = False
    href: str = ""
    breaks: int = 0
    count: int = 0


@dataclass(slots=True)
class _Renderer:
    visibility: Visibility
    writer: TextWriter = field(default_factory=TextWriter)
    stack: list[_Open] = field(default_factory=list[_Open])
    quoted: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    rest: int | None = None

    def enter(self, node: LexborNode) -> bool:
        """Handles a node's start; False where its children are not to be read (it is then not left either)."""
        tag = node.tag or ""
        above = self.stack[-1].look if self.stack else self.visibility.start
        if tag == "-text":
            if not above.unseen:
                self._text(visible(node.text_content or ""))
            return False
        if tag in SKIPPED:
            return False
        if tag in ("br", "hr"):
            self.writer.newline(1, more=tag == "br")
            return False
        attributes = node.attributes
        look = self.visibility.look(attributes, above)
        if look is None:
            return False
        self._open(tag, attributes, look)
        return True

    def _open(self, tag: str, attributes: Mapping[str, str | None], look: Look) -> None:
        mark = mark_of(tag, attributes)
        if mark is Mark.REST and self.rest is None:
            self.rest = self.writer.length
        breaks = _breaks(tag, attributes.get("class") or "")
        opened = _Open(tag, look, self.writer.length, mark, breaks=breaks)
        if tag == "a":
            opened.href = attributes.get("href") or ""
        self.writer.newline(breaks)
        if tag == "li":
            self.writer.prefix(self._bullet())
        elif tag in ("td", "th"):
            self.writer.gap()
        elif tag == "pre":
            self.writer.preformatted += 1
        self.stack.append(opened)

    def leave(self) -> None:
        """Handles the end of the innermost open element."""
        closed = self.stack.pop()
        above = self.stack[-1] if self.stack else None
        if closed.href and not closed.look.unseen:
            self.writer.link(closed.href[:2_000], closed.start, _URL_CHARS)
        if closed.tag == "pre":
            self.writer.preformatted -= 1
        self.writer.newline(closed.breaks)
        inside = closed.marked_inside
        if closed.mark is Mark.ELEMENT or (closed.mark is Mark.CONTAINER and not inside):
            self.quoted.append((closed.start, self.writer.length))
            inside = True
        if above is not None:
            above.marked_inside = above.marked_inside or (inside and closed.tag == "blockquote") or closed.marked_inside

    def _text(self, text: str) -> None:
        around = self.stack[-1].tag if self.stack else ""
        if self.writer.preformatted:
            self.writer.verbatim(text)
        elif around not in _TABLE or not text.isspace():
            self.writer.text(text)

    def _bullet(self) -> str:
        if self.stack and self.stack[-1].tag == "ol":
            self.stack[-1].count += 1
            return f"{self.stack[-1].count}. "
        return "- "


def render(html: str) -> Rendered:
    """The visible text of `html`. Never raises; time is linear, since what makes the parser slow is cut before."""
    short, cut = _bounded(html)
    root = LexborHTMLParser(short).root
    if root is None:
        return Rendered("", cut=cut)
    sheet = "\n".join(style.text(deep=True) for style in root.css("style")[:20]) if "<style" in short.lower() else ""
    renderer = _Renderer(Visibility(sheet))
    _walk(root, renderer)
    if renderer.rest is not None:
        renderer.quoted.append((renderer.rest, renderer.writer.length))
    return Rendered("".join(renderer.writer.out), _merged(renderer.quoted), cut)


def _walk(root: LexborNode, renderer: _Renderer) -> None:
    node: LexborNode | None = root
    depth = 0
    while node is not None:
        child = None
        if renderer.enter(node):
            child = node.first_child
            if child is None:
                renderer.leave()
        if child is not None:
            node, depth = child, depth + 1
            continue
        while depth and node.next is None:
            node, depth = node.parent, depth - 1
            renderer.leave()
            if node is None:
                return
        node = node.next if depth else None


def _bounded(html: str) -> tuple[str, bool]:
    """Long tags take the parser quadratic time in their attributes, many tags in their depth."""
    short = clean(html[: limits.HTML_CHARS])
    cut = len(html) > limits.HTML_CHARS
    if len(short) > limits.HTML_TAG_CHARS:
        short = _LONG_TAG.sub("", short)
    if short.count("<") > limits.HTML_TAGS:
        return "<".join(short.split("<", limits.HTML_TAGS)[:-1]), True
    return short, cut


def _breaks(tag: str, classes: str) -> int:
    if tag not in _BLOCKS:
        return 0
    return 1 if tag not in _PARAGRAPHS or "Mso" in classes else 2


def _merged(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    out: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if out and start <= out[-1][1]:
            out[-1] = out[-1][0], max(stop, out[-1][1])
        elif stop > start:
            out.append((start, stop))
    return tuple(out)
