"""The service's answers, as far as we look at them.

The SDK's classes read them too. But the first one that does imports all that derive from the same one as it does: 1,200
modules, which take 3 s and 32 MB.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """A message (https://learn.microsoft.com/graph/api/resources/message), with what was asked for of it.

    `removed`: it is not in the folder any more, and nothing else is told. `properties` are the extended ones, by their
    id in lower case.
    """

    id: str
    etag: str
    removed: bool
    received: datetime | None
    sent: datetime | None
    created: datetime | None
    modified: datetime | None
    is_draft: bool
    is_read: bool
    folder_id: str
    message_id: str
    content: str
    content_type: str
    properties: dict[str, str]

    def value_of(self, name: str) -> str:
        """An extended property's; empty where the message has none, or it was not asked for."""
        return self.properties.get(name.lower(), "")


@dataclass(frozen=True, slots=True)
class Page:
    """Some of many, with the links to the next ones, or to what changes from now on."""

    items: list[Item]
    next_link: str
    delta_link: str


def item_of(json: Json) -> Item:
    body: Json = json.get("body") or {}
    extended: list[Json] = json.get("singleValueExtendedProperties") or []
    return Item(
        id=json["id"],
        etag=json.get("@odata.etag", ""),
        removed="@removed" in json,
        received=_time(json, "receivedDateTime"),
        sent=_time(json, "sentDateTime"),
        created=_time(json, "createdDateTime"),
        modified=_time(json, "lastModifiedDateTime"),
        is_draft=bool(json.get("isDraft")),
        is_read=bool(json.get("isRead")),
        folder_id=json.get("parentFolderId") or "",
        message_id=json.get("internetMessageId") or "",
        content=body.get("content") or "",
        content_type=str(body.get("contentType", "html")).lower(),
        properties={one["id"].lower(): one.get("value") or "" for one in extended},
    )


def page_of(json: Json) -> Page:
    items = [item_of(item) for item in json["value"]]
    return Page(items, json.get("@odata.nextLink", ""), json.get("@odata.deltaLink", ""))


def _time(json: Json, name: str) -> datetime | None:
    return datetime.fromisoformat(json[name]) if json.get(name) else None
