"""How mail programs mark the quoted original in HTML."""

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final


class Mark(Enum):
    """`ELEMENT`: it is quoted. `REST`: all from its start on. `CONTAINER`: it is quoted unless it holds quotes."""

    NONE = auto()
    ELEMENT = auto()
    REST = auto()
    CONTAINER = auto()


_IDS: Final = re.compile(
    r"(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|EC_stopSpelling|mail-editor-reference-message-container"
    r"|ms-outlook-mobile-reference-message|OLK_SRC_BODY_SECTION|yahoo_quoted\w*|isForwardContent|isReplyContent)"
)
_REST: Final = re.compile(
    r"(?:^|\s)(?:x_)*(?:OutlookMessageHeader|yahoo_quoted|\w*yahoo_quoted|ms-outlook-mobile-reference-message)(?:\s|$)"
)
_ELEMENT: Final = re.compile(
    r"(?:^|\s)(?:x_)*(?:gmail_attr|moz-cite-prefix|moz-email-headers-table|protonmail_quote|tutanota_quote|zmail_extra"
    r"|freshdesk_quote|front-blockquote|mail-quote-collapse|yahoo-quoted-begin|yandex-quote|quoted-mail)(?:\s|$)"
)
_CONTAINER: Final = re.compile(r"(?:^|\s)(?:x_)*gmail_quote\w*(?:\s|$)")
_NAMES: Final = re.compile(r"quote|messageReplySection|x_messageReplySection")
_OUTLOOK_RULE: Final = re.compile(
    r"border:\s*none;\s*border-top:\s*(?:solid\s+#?(?:b5c4df|e1e1e1)\s+1(?:\.0)?pt|1(?:\.0)?pt\s+solid\s+#?(?:b5c4df|e1e1e1))",
    re.IGNORECASE,
)
_SIDE_RULE: Final = re.compile(r"border-left\s*:(?!\s*(?:0|none))", re.IGNORECASE)
HINT: Final = re.compile(
    r"divRplyFwdMsg|appendonsend|stopSpelling|reference-message|OLK_SRC_BODY|yahoo_quoted|OutlookMessageHeader|gmail_"
    r"|moz-cite|_quote|zmail_extra|front-blockquote|quote-collapse|quoted-|yandex-quote|\"quote\"|messageReplySection"
    r"|<blockquote|reply-intro|border-top:|is(?:Forward|Reply)Content",
    re.IGNORECASE,
)


def mark_of(tag: str, attributes: Mapping[str, str | None]) -> Mark:
    """What the element says of itself."""
    if not attributes:
        return Mark.NONE
    identity, classes = attributes.get("id") or "", attributes.get("class") or ""
    style = attributes.get("style") or ""
    if _IDS.fullmatch(identity) or (classes and _REST.search(classes)) or (style and _OUTLOOK_RULE.search(style)):
        return Mark.REST
    if tag == "blockquote" and (
        (attributes.get("type") or "").lower() == "cite" or "quote" in classes or _SIDE_RULE.search(style)
    ):
        return Mark.ELEMENT
    if identity == "reply-intro" or (classes and _ELEMENT.search(classes)):
        return Mark.ELEMENT
    if tag == "div" and _NAMES.fullmatch(attributes.get("name") or ""):
        return Mark.ELEMENT
    return Mark.CONTAINER if classes and _CONTAINER.search(classes) else Mark.NONE
