"""OData's query options, as far as mail needs them: $select, $expand and a few filters."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tests.servers.graph.mime import Json
from tests.servers.graph.problem import Problem
from tests.servers.graph.tenant import Message

_EXTENDED = "singleValueExtendedProperties"
_EXPAND = re.compile(rf"{_EXTENDED}\(\$filter=(.+)\)")
_ID = re.compile(r"id eq '((?:[^']|'')*)'")
_ANY = re.compile(rf"{_EXTENDED}/any\((\w+):\s*\1/id eq '((?:[^']|'')*)' and \1/value eq '((?:[^']|'')*)'\)", re.I)
_TIME = re.compile(r"receivedDateTime (ge|gt|lt|le) (\S+)")
_PLAIN = re.compile(r"(conversationId|internetMessageId|displayName) eq '((?:[^']|'')*)'")
_ONLY_SELECTED = {"internetMessageHeaders", "uniqueBody"}


@dataclass(frozen=True)
class Shown:
    """What of a message an answer shows. `immutable`: under which of its ids."""

    select: frozenset[str] | None
    expand: frozenset[str]
    immutable: bool

    @classmethod
    def of(cls, query: Json, prefer: str) -> "Shown":
        select = frozenset(query["$select"].split(",")) if "$select" in query else None
        return cls(select, _expanded(query.get("$expand", "")), 'idtype="immutableid"' in prefer.lower())

    def id_of(self, message: Message) -> str:
        return message.key if self.immutable else message.id

    def item(self, message: Message, only: frozenset[str] | None = None) -> Json:
        """A message as JSON. `only`: no other properties than these, of those that were selected."""
        wanted = self.select if only is None else only
        item: Json = {"@odata.etag": message.etag, "id": self.id_of(message)}
        item |= {
            name: value
            for name, value in message.properties.items()
            if (name in wanted if wanted is not None else name not in _ONLY_SELECTED)
        }
        known = {canonical(name): (name, value) for name, value in message.extended.items()}
        found = [known[name] for name in self.expand if name in known]
        if found:
            item[_EXTENDED] = [{"id": name, "value": value} for name, value in found]
        return item


def canonical(name: str) -> str:
    """An extended property's id (https://learn.microsoft.com/graph/api/resources/extended-properties-overview)."""
    return re.sub(r"\s+", " ", name.strip()).lower()


def matching(text: str) -> Callable[[Message], bool]:
    """A $filter on messages: parts joined by `and`. Raises Problem on what is not understood."""
    parts = re.split(r" and (?=receivedDateTime |singleValue|conversationId |internetMessageId )", text.strip())
    tests = [_test(part.strip()) for part in parts if part.strip()]
    return lambda message: all(test(message) for test in tests)


def named(text: str) -> str:
    """The name in a filter on folders; only `displayName eq '...'` is understood."""
    found = _PLAIN.fullmatch(text.strip())
    if not found or found[1] != "displayName":
        raise Problem(400, "ErrorInvalidUrlQueryFilter")
    return found[2].replace("''", "'")


def since(text: str) -> Callable[[Message], bool]:
    """The only filter a delta takes: `receivedDateTime ge` or `gt` a time."""
    found = _TIME.fullmatch(text.strip())
    if not found or found[1] not in ("ge", "gt"):
        raise Problem(400, "ErrorInvalidUrlQueryFilter")
    return _test(text.strip())


def _test(part: str) -> Callable[[Message], bool]:
    if found := _ANY.fullmatch(part):
        name, value = canonical(found[2]), found[3].replace("''", "'")
        return lambda message: (name, value) in {(canonical(key), item) for key, item in message.extended.items()}
    if found := _TIME.fullmatch(part):
        how, limit = found[1], datetime.fromisoformat(found[2])
        return lambda message: _compare(how, datetime.fromisoformat(message.properties["receivedDateTime"]), limit)
    if found := _PLAIN.fullmatch(part):
        key, wanted = found[1], found[2].replace("''", "'")
        return lambda message: message.properties.get(key) == wanted
    raise Problem(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.")


def _compare(how: str, one: datetime, other: datetime) -> bool:
    return {"ge": one >= other, "gt": one > other, "le": one <= other, "lt": one < other}[how]


def _expanded(text: str) -> frozenset[str]:
    if not text:
        return frozenset()
    found = _EXPAND.fullmatch(text.strip())
    if not found:
        raise Problem(400, "ErrorInvalidUrlQuery")
    return frozenset(canonical(name.replace("''", "'")) for name in _ID.findall(found[1]))
