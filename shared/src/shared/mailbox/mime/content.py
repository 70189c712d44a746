"""The content of one part: its transfer encoding undone (RFC 2045, 6), its text decoded and unfolded (RFC 3676)."""

import binascii
import re
from typing import Final

from shared.mail import Attachment
from shared.mailbox.mime import charset, headers, limits
from shared.mailbox.mime.structure import Part

_ENCODING: Final = re.compile(rb"[\w-]+")
_BASE64: Final = re.compile(rb"\s*[A-Za-z0-9+/]+(?:={1,2}|\s*(?:[\r\n]|\Z))")
_UNPADDED: Final = re.compile(rb"[^=]*={0,2}")
_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_QUOTES: Final = re.compile(r">*")


def text(raw: bytes, part: Part) -> tuple[str, bool]:
    """The part's text, not yet cleaned, and whether it was cut. Never raises."""
    data = _decoded(raw, part)
    declared = part.parameters.get("charset", "")
    if part.kind == "text/html" and charset.codec(declared) is None and (meta := _META.search(data[:4_000])):
        declared = meta[1].decode("ascii", "replace")
    found = charset.decode(data, declared)
    if part.parameters.get("format", "").lower() == "flowed":
        found = _unfolded(found, part.parameters.get("delsp", "").lower() == "yes")
    return found, part.stop - part.start > limits.PART_BYTES


def attachment(raw: bytes, part: Part) -> Attachment:
    """What is known of an attachment. `size` is in bytes after decoding, to within the padding.

    A contained message without a file name is named by its subject.
    """
    size = max(part.stop - part.start, 0)
    if _encoding(part) == "base64":
        breaks = raw.count(b"\n", part.start, part.stop) + raw.count(b"\r", part.start, part.stop)
        size = (size - breaks) * 3 // 4
    name = part.name
    if not name and part.kind == "message/rfc822":
        inner = headers.scan(raw, headers.skip_envelope(raw, part.start), part.stop)
        name = headers.text_of(inner.first("subject"))[: limits.NAME_CHARS]
    return Attachment(name=name, content_type=part.kind[:100], size=max(size, 0))


def _encoding(part: Part) -> str:
    found = _ENCODING.search(part.fields.first("content-transfer-encoding"))
    return found[0].decode("ascii", "replace").lower() if found else ""


def _decoded(raw: bytes, part: Part) -> bytes:
    data = raw[part.start : min(part.stop, part.start + limits.PART_BYTES)]
    match _encoding(part):
        case "base64" if _looks_like_base64(data):
            found = _UNPADDED.match(data)
            return headers.a2b_base64(found[0] if found else data)
        case "quoted-printable":
            return binascii.a2b_qp(data)
        case _:
            return data


def _looks_like_base64(data: bytes) -> bool:
    """Some call plain text base64; it shows in the first line."""
    return bool(_BASE64.match(data))


def _unfolded(found: str, delete_space: bool) -> str:
    """Joins flowed lines of one quote depth (RFC 3676, 4.5); a signature's separator is never joined."""
    lines: list[list[str]] = []
    flowing, depth = False, 0
    for line in found.replace("\r\n", "\n").split("\n"):
        quotes = _QUOTES.match(line)
        mine = quotes.end() if quotes else 0
        rest = line[mine:].removeprefix(" ")
        joined = flowing and mine == depth and rest != "-- "
        flowing, depth = rest.endswith(" ") and rest != "-- ", mine
        if flowing and delete_space:
            rest = rest[:-1]
        if joined:
            lines[-1].append(rest)
        else:
            lines.append([">" * mine + " " if mine else "", rest])
    return "\n".join(map("".join, lines))
