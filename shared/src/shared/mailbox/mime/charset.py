"""Bytes to text: the declared charset, then detection, then cp1252, then replacement characters."""

import codecs
import re
from typing import Final

from charset_normalizer import from_bytes

_SAMPLE: Final = 16_384

# What mail calls one charset and means another (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso2022_jp": "iso2022_jp_ext",
}
_LABELS: Final = {
    "iso-8859-8-i": "iso8859-8",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "windows-874": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
}
# Codecs of Python that no mail means, among them some that take quadratic time.
_REFUSED: Final = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
_CANDIDATES: Final = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "cp932", "euc_jp"),
    *("cp949", "gb18030", "big5", "utf_16_le", "utf_16_be"),
]

_WESTERN: Final = {
    "German",
    "English",
    "French",
    "Spanish",
    "Italian",
    "Portuguese",
    "Dutch",
    "Danish",
    "Swedish",
    "Unknown",
}

_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200c"
    "\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\uffa0\ufe00-\ufe0e\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
    # A joiner is kept where it makes one picture of several, the presentation selector after a picture.
    "|(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200d\ufe0f]"
)
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_LINE_ENDS: Final = re.compile("\r\n?|[\x85\u2028\u2029]")

_CP1252_HIGH: Final = {
    ord(bytes([code]).decode("cp1252")): code
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_MOJIBAKE: Final = re.compile("[ÂÃâ][\u0080-¿" + "".join(re.escape(chr(code)) for code in _CP1252_HIGH) + "]")


def codec(label: str) -> str | None:
    """The Python codec for a charset label as mail uses it, None where there is none."""
    name = label.strip().strip("\"'").lower().replace("_", "-")
    name = _LABELS.get(name, name)
    try:
        found = codecs.lookup(name).name
        b" ".decode(name, "replace")
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if found.replace("_", "-") in _REFUSED else _MEANT.get(found, found)


def decode(data: bytes, declared: str = "") -> str:
    """The text of `data`, whatever it is. Never raises.

    Bytes that are valid UTF-8 and not ASCII are UTF-8, whatever single-byte charset was declared for them.
    """
    name = codec(declared) if declared else None
    if data.isascii() and (name is None or name.startswith(("cp", "iso8859", "utf-8", "koi8", "mac"))):
        return data.decode("ascii")
    if name is None or name.startswith(("cp125", "iso8859", "utf-8")):
        text = _utf8(data)
        if text is not None:
            return text
    if name is not None:
        text = _strict(data, name)
        if text is not None:
            return text
        if name.startswith(("cp125", "iso8859", "utf-16", "utf-32")):
            return data.decode(name, "replace")
    return data.decode(_detected(data), "replace")


def decode_header(data: bytes) -> str:
    """The text of a raw header value: ASCII, UTF-8 (RFC 6532), or else cp1252. Never raises."""
    text = _utf8(data)
    return data.decode("cp1252", "replace") if text is None else text


def clean(text: str) -> str:
    r"""`text` without what nobody sees (controls, zero-width, bidi, tags), lines ended by \n, mojibake repaired."""
    text = _LINE_ENDS.sub("\n", text)
    if text.isascii() and text.isprintable():
        return text
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text)
        if _MOJIBAKE.search(text):
            text = "\n".join(map(_repaired, text.split("\n")))
    return _INVISIBLE.sub("", text)


def visible(text: str) -> str:
    """`text` without characters that nobody sees."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def clean_line(text: str) -> str:
    """`clean`, on one line and without spaces at its ends."""
    return " ".join(clean(text).split())


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # Cut in the middle of a character, by us or by a gateway.
        if error.reason == "unexpected end of data" and error.start > 0 and not data[: error.start].isascii():
            return data[: error.start].decode("utf-8")
        return None


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, ValueError):
        return None


def _detected(data: bytes) -> str:
    """Detection needs letters to count; below that, western European is what we get."""
    sample = data[:_SAMPLE]
    high = len(sample.translate(None, bytes(range(128))))
    if high < 16:
        return "cp1252"
    best = from_bytes(sample, cp_isolation=_CANDIDATES, preemptive_behaviour=False).best()
    if best is None or best.language in _WESTERN or not (best.coherence > 0 or 3 * high > len(sample)):
        return "cp1252"
    return best.encoding


def _repaired(line: str) -> str:
    """UTF-8 that was read as cp1252 and encoded again; left alone unless the whole line reads well backwards."""
    if not _MOJIBAKE.search(line):
        return line
    try:
        return line.translate(_CP1252_HIGH).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return line
