"""Plain text out of whatever a model wrote."""

import html
import re
import unicodedata

from drafter.prompt import signs_off

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
_BLOCK = re.compile(r"<(script|style|head)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|tr|h\d)\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][a-z0-9-]*(?:\s[^<>]*|/)?>", re.IGNORECASE)
_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)")
_LINKED = re.compile(r"\[([^\[\]\n]{0,300})\]\(\s*<?([^)\s>]{1,500})[^)\n]{0,100}\)")
_MARKUP = re.compile(r"\*\*|^```\w*\n?|`|^#{1,6}\s+|^\s*(?:-{3,}|\*{3,}|_{3,})\s*$", re.MULTILINE)
_CITED = re.compile(r"[ \t]*\[K\d+(?:\s*[,;]\s*K?\d+)*\]")
_HEADER = re.compile(
    r"\s*(?:betreff|subject|an|von|to|from|b?cc|datum|date|reply-to|antwort an|(?:blind)?kopie|gesendet|sent)\s*:.*",
    re.IGNORECASE,
)
SLOT = re.compile(r"\[bitte ergänzen:?([^\[\]]*)\]", re.IGNORECASE)
BRACKETS = re.compile(r"\[(?!bitte ergänzen|\d+\])([^\[\]\n]{2,200})\]", re.IGNORECASE)
_NAME_SLOT = re.compile(r"\[(?!bitte)[^\]]*\b(?:name|unterschrift|signatur|signature|team)\b[^\]]*\]", re.IGNORECASE)


def plain(text: str) -> str:
    """Text without HTML, Markdown, control, invisible and direction-changing characters."""
    for _ in range(2):
        text = _BREAK.sub("\n", _BLOCK.sub("", _visible(text)))
        text = html.unescape(_TAG.sub("", text))
    text = _IMAGE.sub(r"\1", _visible(text))
    text = _LINKED.sub(lambda link: link[1] if link[1] == link[2] else f"{link[1]} ({link[2]})", text)
    text = _CITED.sub("", _MARKUP.sub("", text))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()


def _visible(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return text if text.isascii() and text.replace("\n", "").isprintable() else "".join(map(_folded, text))


def _folded(char: str) -> str:
    """Nothing for what cannot be seen, and the plain letter or digit for its look-alikes (full width, styled)."""
    if char in "\n\t" or (" " <= char < "\x7f"):
        return char
    kind = unicodedata.category(char)
    if kind in ("Cc", "Cf", "Cs", "Co", "Cn") or char in _INVISIBLE:
        return ""
    if char in "²³¹ªº\u00a0\u202f–—":
        return char
    folded = "-" if kind == "Pd" else unicodedata.normalize("NFKC", char)
    if len(folded) == 1 and folded.isascii():
        return folded
    return str(unicodedata.digit(char)) if char.isdecimal() else char


def without_headers(text: str) -> str:
    lines = text.split("\n")
    while lines and (not lines[0].strip() or _HEADER.fullmatch(lines[0])):
        del lines[0]
    return "\n".join(lines)


def without_signature(text: str, signature: str) -> str:
    """The writer adds the signature: what the model put there of it, or in its place, goes."""
    known = {" ".join(line.split()).lower() for line in signature.split("\n")}
    farewell = signs_off(signature)
    lines = text.rstrip().split("\n")
    while lines:
        last = " ".join(lines[-1].split()).lower()
        is_farewell = farewell and len(last) < 60 and signs_off(last)
        if last and not (last in known or is_farewell or _NAME_SLOT.fullmatch(last)):
            break
        lines.pop()
    return "\n".join(lines)
