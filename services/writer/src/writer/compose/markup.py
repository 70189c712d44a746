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


def html_page(draft: str, signature: str, attribution: str, quote: str) -> str:
    """The whole page; `signature` and `quote` may be empty."""
    parts = [f"<div>{_rich(draft)}</div>"]
    if signature:
        parts.append(f"<br>\n<div>{_rich(signature)}</div>")
    if quote:
        parts.append(f"<br>\n<div>{_lines(attribution)}</div>")
        parts.append(f'<blockquote type="cite" style="{_QUOTE_STYLE}">{_lines(quote)}</blockquote>')
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def _rich(text: str) -> str:
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
