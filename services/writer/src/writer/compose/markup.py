"""The HTML alternative. Everything is escaped; only http and https addresses of the draft itself become links."""

import re
from html import escape

_SPECIAL = re.compile(
    r"(?P<url>https?://[^\s<>\"'\[\]]*[^\s<>\"'\[\].,;:!?)])"
    r"|(?P<gap>\[(?:bitte ergänzen|please (?:add|complete|fill in))\b[^\]\n]{0,500}\])",
    re.IGNORECASE,
)
_GAP_STYLE = "background-color:#fff59d"
_QUOTE_STYLE = "margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex"


def html_answer(draft: str, signature: str) -> str:
    """The draft and, in HTML already, the signature, which may be empty."""
    return f"<div>{rich(draft)}</div>" + (f"\n<br>\n<div>{signature}</div>" if signature else "")


def html_page(answer: str, attribution: str, quote: str) -> str:
    """The whole page; `quote` may be empty."""
    parts = [answer]
    if quote:
        parts.append(f"<br>\n<div>{_lines(attribution)}</div>")
        parts.append(f'<blockquote type="cite" style="{_QUOTE_STYLE}">{_lines(quote)}</blockquote>')
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def rich(text: str) -> str:
    """Text with its web addresses as links and its open points highlighted."""
    parts: list[str] = []
    end = 0
    for found in _SPECIAL.finditer(text):
        parts.append(_lines(text[end : found.start()]))
        shown = escape(found[0])
        parts.append(f'<a href="{shown}">{shown}</a>' if found["url"] else f'<span style="{_GAP_STYLE}">{shown}</span>')
        end = found.end()
    return "".join([*parts, _lines(text[end:])])


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")
