"""Folder names and strings as IMAP writes them: modified UTF-7 and quoting."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

_PLAIN = re.compile(r"([\x20-\x7e]+)")
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_FORBIDDEN = re.compile(r"[\x00\r\n]")


def encode(name: str) -> str:
    """A folder name in modified UTF-7 (RFC 3501, 5.1.3): `Entwürfe` is `Entw&APw-rfe`."""
    return "".join(part.replace("&", "&-") if _PLAIN.match(part) else _shift(part) for part in _PLAIN.split(name))


def decode(name: str) -> str:
    """The folder name behind modified UTF-7; what is not well-formed stays as the server wrote it."""
    try:
        return _SHIFTED.sub(lambda match: _unshift(match[1]), name)
    except ValueError:
        return name


def quote(text: str) -> str:
    """A quoted string (RFC 3501, 4.3). Raises ValueError on NUL, CR and LF, which would end the command."""
    if _FORBIDDEN.search(text):
        raise ValueError("a quoted string cannot hold NUL, CR or LF")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder: its name for people, and the server's own spelling of it."""

    name: str
    wire: str

    @classmethod
    def named(cls, name: str) -> "Folder":
        return cls(name, encode(name))

    @classmethod
    def listed(cls, wire: str) -> "Folder":
        return cls(decode(wire), wire)

    @property
    def quoted(self) -> str:
        return quote(self.wire)


def _shift(part: str) -> str:
    if not part:
        return ""
    coded = b64encode(part.encode("utf-16-be", "surrogatepass")).decode("ascii")
    return "&" + coded.rstrip("=").replace("/", ",") + "-"


def _unshift(coded: str) -> str:
    if not coded:
        return "&"
    padded = coded.replace(",", "/") + "=" * (-len(coded) % 4)
    return b64decode(padded, validate=True).decode("utf-16-be")
