"""What is new: by the mailbox's history, or by date where there is no history id that still holds.

Gmail forgets history after about a week (`users.history.list` then answers 404). What has come since is listed by
date, in portions from the newest to the oldest. Until that is done, the cursor also says what is still to be listed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.mailbox.gmail.api import Api
from shared.mailbox.gmail.errors import NotFound
from shared.mailbox.gmail.listing import AT_ONCE, Outside, describe, page_of

PAGE = 500
"""What Gmail lists at most in one answer."""
NEWEST = 100


@dataclass(frozen=True, slots=True)
class Position:
    """A history id; and, while messages are listed by date, that those from `since` until before `until` are still to
    be listed, in seconds since 1970. The history from that id on is read once all are."""

    history: str
    since: int = 0
    until: int = 0

    @staticmethod
    def parse(text: str) -> "Position":
        history, _, rest = text.partition("/")
        since, _, until = rest.partition("/")
        return Position(history, int(since or 0), int(until or 0))

    def __str__(self) -> str:
        return f"{self.history}/{self.since}/{self.until}" if self.until else self.history


@dataclass(frozen=True, slots=True)
class News:
    """`listed`: by date, not by history. `more`: there is more, for which nobody need wait."""

    messages: list[Outside]
    position: Position
    listed: bool
    more: bool


async def by_history(api: Api, label: str, position: Position, limit: int) -> News | None:
    """What got the label since; None where Gmail has forgotten that history.

    The history is read in pages until `limit` messages are found. The position is then the last record that was read.
    """
    ids: dict[str, None] = {}
    reached, last, page = "", position.history, ""
    while True:
        try:
            answer = await _history(api, label, position.history, page)
        except NotFound:
            return None
        records: list[dict[str, Any]] = answer.get("history", [])
        ids |= dict.fromkeys(_added(records, label))
        last = str(records[-1]["id"]) if records else last
        # What happens while pages are read has a higher id than the first page told, and is read next time.
        reached = reached or str(answer.get("historyId") or position.history)
        page = str(answer.get("nextPageToken", ""))
        if not page:
            return News(await describe(api, ids, label), Position(reached), listed=False, more=False)
        if len(ids) >= limit:
            return News(await describe(api, ids, label), Position(last), listed=False, more=True)


async def by_date(api: Api, label: str, since: datetime, limit: int) -> News:
    """The newest of what has the label and came since the date."""
    # First, so that what arrives while messages are listed is in the history from here on.
    history = str((await api.get("/profile"))["historyId"])
    news = await older(api, label, Position(history, int(since.timestamp())), limit)
    # What is older than this portion is left to the next ones.
    listed_from = max(int(since.timestamp()), news.position.until - 1)
    fresh = await _not_searchable_yet(api, label, listed_from, {message.id for message in news.messages})
    messages = sorted([*news.messages, *fresh], key=lambda message: message.received)
    return News(messages, news.position, listed=True, more=news.more)


async def older(api: Api, label: str, position: Position, limit: int) -> News:
    """The next portion of a listing by date."""
    query = f"after:{position.since - 1}" + (f" before:{position.until}" if position.until else "")
    messages: list[Outside] = []
    token = ""
    while True:
        ids, token = await page_of(api, label, min(PAGE, limit), q=query, **({"pageToken": token} if token else {}))
        messages += await describe(api, ids, label)
        # The oldest second may go on in the next portion. It is listed again there.
        oldest = min((int(message.received.timestamp()) + 1 for message in messages), default=position.until)
        if not token or (len(messages) >= limit and oldest != position.until):
            break
    wanted = [message for message in messages if message.received.timestamp() >= position.since]
    wanted.sort(key=lambda message: message.received)
    then = Position(position.history, position.since, oldest) if token else Position(position.history)
    # After several portions some history has gathered, too.
    return News(wanted, then, listed=True, more=bool(token or position.until))


async def _not_searchable_yet(api: Api, label: str, since: int, known: set[str]) -> list[Outside]:
    """A search may lag behind a little; a plain list of what has a label does not. Both begin with the newest."""
    newest, _ = await page_of(api, label, NEWEST)
    unknown = [each for each in newest if each not in known]
    fresh: list[Outside] = []
    for start in range(0, len(unknown), AT_ONCE):
        described = await describe(api, unknown[start : start + AT_ONCE], label)
        new = [message for message in described if message.received.timestamp() >= since]
        if not new:
            break
        fresh += new
    return fresh


async def _history(api: Api, label: str, start: str, page: str) -> dict[str, Any]:
    types = ["messageAdded", "labelAdded"]
    more = {"pageToken": page} if page else {}
    return await api.get("/history", startHistoryId=start, labelId=label, historyTypes=types, maxResults=PAGE, **more)


def _added(records: Iterable[dict[str, Any]], label: str) -> Iterator[str]:
    for record in records:
        for added in record.get("messagesAdded", []):
            yield str(added["message"]["id"])
        for added in record.get("labelsAdded", []):
            if label in added.get("labelIds", []):
                yield str(added["message"]["id"])
