"""The subject of a reply, as Gmail wants it.

Gmail puts a draft into a thread only where the subject is that of the thread, but for prefixes that it knows. `Re:` it
knows in every language; of `AW:` and the like Google says nothing. So a reply here is `Re:` and the subject answered,
whatever that begins with, as Gmail's own replies are.
"""

import re
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header

_HEAD = re.compile(rb"\A.*?(?:\r?\n\r?\n|\Z)", re.DOTALL)
_SUBJECT = re.compile(rb"^subject:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
_REPLY = re.compile(r"re\s*:", re.IGNORECASE)


def reply_subject(answered: str) -> str:
    """`answered` is the Subject of the mail that is answered, encoded (RFC 2047) or not."""
    subject = " ".join(_decoded(answered).split())
    return subject if _REPLY.match(subject) else f"Re: {subject}".strip()


def with_subject(message: bytes, subject: str) -> bytes:
    """The message (RFC 5322) with another Subject."""
    head = _HEAD.match(message)
    assert head is not None
    charset = None if subject.isascii() else "utf-8"
    line = b"Subject: " + Header(subject, charset, header_name="Subject").encode().encode("ascii")
    line = line.replace(b"\n", b"\r\n")
    return _SUBJECT.sub(lambda _: line, head[0], count=1) + message[head.end() :]


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError):
        return value
