"""What changed in a folder (https://learn.microsoft.com/graph/delta-query-messages), with tokens that can be lost."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from tests.servers.graph.mime import Json
from tests.servers.graph.problem import Problem
from tests.servers.graph.query import Shown, since
from tests.servers.graph.tenant import Folder, Message, User

FILTERED_AT_MOST = 5000
_PAGE = 10


@dataclass(frozen=True)
class Lost:
    """How a lost token is answered."""

    status: int = 410
    code: str = "syncStateNotFound"
    location: bool = False


@dataclass
class Round:
    """`known` is what the client knows, `until` what it will know at the end, `waiting` what is still to be told."""

    folder: Folder
    shown: Shown
    filter: str
    known: int
    until: int
    waiting: list[Json] = field(default_factory=list[Json])


class Deltas:
    def __init__(self) -> None:
        self._rounds: dict[str, Round] = {}
        self._lost: dict[str, Lost] = {}

    def lose(self, how: Lost) -> None:
        """Every token given so far is answered like that."""
        self._lost = dict.fromkeys([*self._rounds, *self._lost], how)
        self._rounds.clear()

    def page(self, user: User, folder: Folder, query: Json, shown: Shown, size: int | None, base: str) -> Json:
        """One answer. `base` is the address without a query."""
        token = query.get("$skiptoken") or query.get("$deltatoken")
        if token is None:
            now = self._first(user, folder, query, shown)
        else:
            if token in self._lost:
                raise _gone(self._lost[token], base)
            if token not in self._rounds:
                raise Problem(400, "SyncStateInvalid", "The sync state is invalid.")
            now = self._next(user, self._rounds[token], shown, new="$deltatoken" in query)
        size = size or int(query.get("$top", _PAGE))
        told, now.waiting = now.waiting[:size], now.waiting[size:]
        link, kind = ("nextLink", "skip") if now.waiting else ("deltaLink", "delta")
        fresh = secrets.token_urlsafe(90)
        self._rounds[fresh] = now
        return {f"@odata.{link}": f"{base}?${kind}token={fresh}", "value": told}

    def _first(self, user: User, folder: Folder, query: Json, shown: Shown) -> Round:
        matches = _filter(query.get("$filter", ""))
        found = (message for message in user.within(folder) if matches(message))
        listed = islice(found, FILTERED_AT_MOST) if "$filter" in query else found
        begun = Round(folder, shown, query.get("$filter", ""), 0, user.clock)
        begun.waiting = [shown.item(message) for message in listed]
        return begun

    def _next(self, user: User, before: Round, shown: Shown, *, new: bool) -> Round:
        shown = Shown(before.shown.select, before.shown.expand, shown.immutable)
        after = Round(before.folder, shown, before.filter, before.known, before.until, list(before.waiting))
        if new:
            after.known, after.until = before.until, user.clock
            after.waiting = _changes(user, after)
        return after


def _changes(user: User, at: Round) -> list[Json]:
    """A message that was only read is told in part, and only to who selected `isRead`."""
    matches = _filter(at.filter)
    found: list[Json] = [
        {"@odata.type": "#microsoft.graph.message", "id": key, "@removed": {"reason": "deleted"}}
        for key, when in at.folder.left.items()
        if when > at.known and not (key in user.messages and user.messages[key].folder is at.folder)
    ]
    for message in user.within(at.folder):
        if not matches(message):
            continue
        if max(message.entered, message.changed) > at.known:
            found.append(at.shown.item(message))
        elif message.read_changed > at.known and (at.shown.select is None or "isRead" in at.shown.select):
            found.append(at.shown.item(message, frozenset({"isRead", "parentFolderId"})))
    return found


def _filter(text: str) -> Callable[[Message], bool]:
    return since(text) if text else lambda _: True


def _gone(how: Lost, base: str) -> Problem:
    headers = {"Location": base} if how.location else {}
    return Problem(how.status, how.code, "The sync state generation is not found.", headers)
