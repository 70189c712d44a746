"""The text of a mail, put together from its inline parts."""

import re
from dataclasses import dataclass, field
from typing import Final

from shared.mailbox.mime import charset, content, limits
from shared.mailbox.mime.html_quotes import HINT
from shared.mailbox.mime.html_text import Rendered, render
from shared.mailbox.mime.layout import Layout
from shared.mailbox.mime.structure import Part

_STUB_CHARS: Final = 500
_STUB: Final = re.compile(
    r"(?i)\bhtml\b|browser|e-?mail[- ](?:client|programm)|view (?:this|it) online|online[- ]version"
)


@dataclass(frozen=True, slots=True)
class Bodies:
    """`body` is the whole text, at most 200,000 characters; `rendered` the HTML's telling where it marks quotes."""

    body: str
    rendered: Rendered | None
    cut: bool


@dataclass(slots=True)
class _Reader:
    raw: bytes
    sources: dict[int, tuple[str, bool]] = field(default_factory=dict[int, tuple[str, bool]])
    told: dict[int, Rendered] = field(default_factory=dict[int, Rendered])
    room: int = 2 * limits.PART_BYTES

    def source(self, part: Part) -> str:
        if part.start not in self.sources:
            text, cut = content.text(self.raw, part) if self.room > 0 else ("", True)
            self.room -= len(text)
            self.sources[part.start] = text, cut
        return self.sources[part.start][0]

    def one(self, part: Part) -> Rendered:
        if part.start not in self.told:
            source = self.source(part)
            html = part.kind == "text/html"
            self.told[part.start] = render(source) if html else Rendered(charset.clean(source).strip())
        return self.told[part.start]

    def tell(self, parts: list[Part]) -> Rendered:
        """The text of all parts that have one, and what is quoted in it."""
        texts: list[str] = []
        quoted: list[tuple[int, int]] = []
        position = 0
        for told in (self.one(part) for part in parts if _is_text(part)):
            if told.text:
                quoted += [(position + start, position + stop) for start, stop in told.quoted]
                texts.append(told.text)
                position += len(told.text) + 1
        return Rendered("\n".join(texts), tuple(quoted))

    @property
    def cut(self) -> bool:
        return any(cut for _, cut in self.sources.values()) or any(told.cut for told in self.told.values())


def read(raw: bytes, found: Layout) -> Bodies:
    """Plain text is preferred, unless it is empty or only says that there is HTML."""
    reader = _Reader(raw)
    plain = reader.tell(found.plain)
    html = [part for part in found.html if part.kind == "text/html"]
    marked: Rendered | None = None
    if html and (_stub(plain.text) or any(HINT.search(reader.source(part)) for part in html)):
        marked = reader.tell(found.html)
        if _stub(plain.text) and len(marked.text) > len(plain.text):
            plain = marked
    body = plain.text.strip()
    cut = reader.cut or len(body) > limits.BODY_CHARS
    return Bodies(body[: limits.BODY_CHARS].strip(), marked if marked and marked.quoted else None, cut)


def _is_text(part: Part) -> bool:
    return part.kind.startswith("text/") or part.multipart


def _stub(plain: str) -> bool:
    return not plain.strip() or (len(plain) < _STUB_CHARS and bool(_STUB.search(plain)))
