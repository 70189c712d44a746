"""Header fields (RFC 5322, 2.2), folded, in ASCII."""

from email.header import Header

FOLD = "\r\n "
_LINE = 76


def field(name: str, value: str) -> str:
    """One field. Raises ValueError where the value has a line break that is no fold: it would begin another field."""
    unfolded = value.replace(FOLD, "")
    if "\r" in unfolded or "\n" in unfolded:
        raise ValueError("line break in a header field")
    return f"{name}: {value}"


def encoded(text: str, name: str = "") -> str:
    """Unstructured text of one line, folded; as encoded words (RFC 2047) where it is not plain.

    `name` is the field's, so that the first line leaves it room.
    """
    charset = "us-ascii" if is_plain(text) else "utf-8"
    return Header(text, charset, maxlinelen=_LINE, header_name=name or None).encode(linesep="\r\n")


def is_plain(text: str) -> bool:
    """Whether the text can stand as it is: ASCII, and nothing in it that a reader would take for an encoded word."""
    return text.isascii() and "=?" not in text
