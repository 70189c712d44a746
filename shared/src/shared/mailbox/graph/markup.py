"""Our words in front of the page that the service has made of the quoted mail."""

import re
from html import escape

from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.item_body import ItemBody

from shared.mailbox.graph.answers import Item

_BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)


def in_front_of(html: str, reply: Item) -> ItemBody:
    """`html` is a fragment. A reply in plain text becomes HTML."""
    page = reply.content
    if reply.content_type == "text":
        lines = escape(page).replace("\n", "<br>\n")
        page = f"<html><body><div>{lines}</div></body></html>"
    found = _BODY.search(page)
    at = found.end() if found else 0
    content = f"{page[:at]}{html}\n<br>\n{page[at:]}"
    return ItemBody(content_type=BodyType.Html, content=content)
