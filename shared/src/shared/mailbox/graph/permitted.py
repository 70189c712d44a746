"""The only requests that ever leave: nothing here can send, move or delete a message."""

import re

_MAILBOX = r"/v1\.0/(?:me|users/[^/]+)"
_MESSAGE = rf"{_MAILBOX}/messages/[^/]+"
_FOLDERS = rf"{_MAILBOX}/mailFolders"

PERMITTED = (
    ("GET", _FOLDERS),
    ("GET", rf"{_FOLDERS}/[^/]+"),
    ("GET", rf"{_FOLDERS}/[^/]+/childFolders"),
    ("GET", rf"{_FOLDERS}/[^/]+/messages"),
    # Links of the service's own write names and keys in other ways.
    ("GET", rf"(?i:{_FOLDERS}(?:/[^/]+|\('[^/]+'\))/messages/(?:microsoft\.graph\.)?delta(?:\(\))?)"),
    ("GET", _MESSAGE),
    ("GET", rf"{_MESSAGE}/\$value"),
    ("POST", rf"{_MESSAGE}/createReply(?:All)?"),
    ("PATCH", _MESSAGE),
    ("POST", r"/v1\.0/subscriptions"),
    ("PATCH", r"/v1\.0/subscriptions/[^/]+"),
)

_PATTERNS = [(method, re.compile(pattern)) for method, pattern in PERMITTED]


def is_permitted(method: str, path: str) -> bool:
    """`path` is decoded and begins with the API's version."""
    return any(method == known and pattern.fullmatch(path) for known, pattern in _PATTERNS)
