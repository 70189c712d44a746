"""Which parts are the text and which are attachments (RFC 8621, 4.1.4).

One rule differs: a picture that is shown between texts is an attachment too, since our text cannot show it.
"""

from dataclasses import dataclass, field
from typing import Final

from shared.mailbox.mime.structure import Part, Tree

_MEDIA: Final = ("image/", "audio/", "video/")
_TEXT: Final = ("text/plain", "text/html")


@dataclass(slots=True)
class Layout:
    """The parts by role. `plain` and `html` are two tellings of the same; where one is missing both hold the other."""

    plain: list[Part] = field(default_factory=list[Part])
    html: list[Part] = field(default_factory=list[Part])
    attachments: list[Part] = field(default_factory=list[Part])


def arrange(tree: Tree) -> Layout:
    """Sorts the leaves of a tree. A multipart in which no part was found counts as text."""
    found = Layout()
    _arrange([tree.root], "mixed", False, found.plain, found.html, found.attachments)
    return found


def _arrange(
    parts: list[Part],
    within: str,
    in_alternative: bool,
    plain: list[Part] | None,
    html: list[Part] | None,
    attachments: list[Part],
) -> None:
    plain_before, html_before = len(plain or ()), len(html or ())
    for number, part in enumerate(parts):
        if part.children:
            kind = part.kind.partition("/")[2]
            _arrange(part.children, kind, in_alternative or kind == "alternative", plain, html, attachments)
        elif not _inline(part, number, within):
            attachments.append(part)
        elif within == "alternative":
            target = plain if _is_plain(part) else html if part.kind == "text/html" else attachments
            (attachments if target is None else target).append(part)
        else:
            if in_alternative:
                html = None if _is_plain(part) else html
                plain = None if part.kind == "text/html" else plain
            _add(part, plain, html, attachments)
    if within == "alternative" and plain is not None and html is not None:
        _complete(plain, plain_before, html, html_before)


def _add(part: Part, plain: list[Part] | None, html: list[Part] | None, attachments: list[Part]) -> None:
    if plain is not None:
        plain.append(part)
    if html is not None:
        html.append(part)
    if part.kind.startswith(_MEDIA):
        attachments.append(part)


def _complete(plain: list[Part], plain_before: int, html: list[Part], html_before: int) -> None:
    """An alternative with only one of the two tellings gives it to both."""
    if len(plain) == plain_before:
        plain += html[html_before:]
    elif len(html) == html_before:
        html += plain[plain_before:]


def _is_plain(part: Part) -> bool:
    return part.kind == "text/plain" or part.multipart


def _inline(part: Part, number: int, within: str) -> bool:
    media = part.kind.startswith(_MEDIA)
    if part.disposition == "attachment" or not (media or part.multipart or part.kind in _TEXT):
        return False
    return number == 0 or (within != "related" and (media or not part.name))
