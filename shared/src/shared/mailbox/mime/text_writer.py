"""Text as a browser lays it out: white space collapsed, breaks between blocks."""

import re
from dataclasses import dataclass, field
from typing import Final

_SPACE: Final = re.compile(r"[ \t\n\r\f\xa0]+")
_WEB: Final = re.compile(r"(?i)https?://\S+")


@dataclass(slots=True)
class TextWriter:
    """Collects words; spaces and breaks wait until the next word, so none is left at an end of a line."""

    out: list[str] = field(default_factory=list[str])
    length: int = 0
    preformatted: int = 0
    _breaks: int = 0
    _space: str = ""
    _prefix: str = ""

    def text(self, text: str) -> None:
        """Running text."""
        words = _SPACE.sub(" ", text)
        bare = words.strip(" ")
        if not bare:
            if "\xa0" in text and (self._breaks or not self.out):
                self.newline(1, more=True)
            elif words:
                self._space = self._space or " "
            return
        if words[0] == " ":
            self._space = self._space or " "
        self._word(bare)
        if words[-1] == " ":
            self._space = " "

    def verbatim(self, text: str) -> None:
        """Preformatted text."""
        if text:
            self._word(text)

    def newline(self, count: int, *, more: bool = False) -> None:
        """At least `count` breaks before the next word, or `more` than so far; never more than one blank line."""
        if count:
            self._breaks = min(self._breaks + count, 2) if more else max(self._breaks, count)
            self._space = ""

    def prefix(self, text: str) -> None:
        """What stands before the next word, a list's bullet."""
        self._prefix = text

    def gap(self) -> None:
        """Between the cells of a row."""
        self._space = "  "

    def link(self, href: str, start: int, limit: int) -> None:
        """Adds an address to the text written since `start`, where it is a web or mail address and says more."""
        shown = "".join(self._since(start)).strip()
        target = href.strip()
        if target.lower().startswith("mailto:"):
            target = target[7:].partition("?")[0]
        elif not _WEB.fullmatch(target):
            return
        if len(target) > limit:
            target = target.partition("?")[0]
        if shown and target and len(target) <= limit and _bare(target) not in _bare(shown):
            self._space = " "
            self._word(f"({target})")

    def _since(self, start: int) -> list[str]:
        found: list[str] = []
        left = min(self.length - start, 4_000)
        for piece in reversed(self.out):
            if left <= 0:
                break
            found.append(piece)
            left -= len(piece)
        return found[::-1]

    def _word(self, text: str) -> None:
        if self.out:
            self._put("\n" * self._breaks or self._space)
        self._put(self._prefix + text)
        self._breaks, self._space, self._prefix = 0, "", ""

    def _put(self, text: str) -> None:
        if text:
            self.out.append(text)
            self.length += len(text)


def _bare(address: str) -> str:
    return re.sub(r"^https?://(?:www\.)?|^www\.|/$", "", address.lower())
