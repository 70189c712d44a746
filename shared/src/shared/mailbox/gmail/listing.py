"""What is in a label, and a message's outside: what `users.messages.get` tells in format `minimal`."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.errors import PermanentError, TransientError
from shared.mailbox.gmail.api import Api, segment
from shared.mailbox.gmail.errors import NotFound

AT_ONCE = 4
"""Requests that one mailbox has under way at a time."""

_FLAGS = {"SPAM": "$Junk", "DRAFT": "\\Draft", "SENT": "\\Seen", "STARRED": "\\Flagged", "TRASH": "\\Deleted"}


@dataclass(frozen=True, slots=True)
class Outside:
    """`received` is internalDate, `size` an estimate in bytes, 0 where Gmail could not tell."""

    id: str
    thread: str
    labels: frozenset[str]
    received: datetime
    size: int

    @property
    def flags(self) -> frozenset[str]:
        """The labels in IMAP's terms (RFC 9051, 2.3.2); that it was answered is told by its thread."""
        flags = {_FLAGS[label] for label in self.labels & _FLAGS.keys()}
        return frozenset(flags if "UNREAD" in self.labels else flags | {"\\Seen"})


def outside(message: dict[str, Any]) -> Outside:
    milliseconds = int(message.get("internalDate") or 0)
    received = datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else datetime.now(UTC)
    return Outside(
        id=str(message["id"]),
        thread=str(message.get("threadId", "")),
        labels=frozenset(message.get("labelIds", ())),
        received=received,
        size=int(message.get("sizeEstimate") or 0),
    )


async def find_label(api: Api, name: str) -> str:
    """The id of INBOX, or of the label that people see under this name. Raises PermanentError (`folder_missing`)."""
    labels = (await api.get("/labels")).get("labels", [])
    named = {str(label["name"]).lower(): str(label["id"]) for label in labels}
    if not (found := named.get(name.lower(), "")):
        raise PermanentError("folder_missing")
    return found


async def page_of(api: Api, label: str, size: int, **query: str) -> tuple[list[str], str]:
    """Ids of messages with this label, newest first, and the token of the next page."""
    # Without this a search leaves out spam even where the label is that of spam.
    everywhere = {"includeSpamTrash": "true"} if label in ("SPAM", "TRASH") else {}
    answer = await api.get("/messages", labelIds=label, maxResults=size, **everywhere, **query)
    return [str(each["id"]) for each in answer.get("messages", [])], str(answer.get("nextPageToken", "") or "")


async def describe(api: Api, ids: Iterable[str], label: str) -> list[Outside]:
    """Those of the messages that are there and have the label, the oldest first.

    One that Gmail fails to tell of, while it tells of others, is taken to have the label, and to have come just now:
    so it is settled like any other.
    """
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(message_id: str) -> Outside | TransientError | None:
        async with turns:
            return await _describe(api, message_id)

    answers = dict(zip(ids := list(ids), await asyncio.gather(*map(one, ids)), strict=True))
    errors = [answer for answer in answers.values() if isinstance(answer, TransientError)]
    if errors and (len(errors) == len(ids) or any(error.reason != "server_error" for error in errors)):
        raise next((error for error in errors if error.retry_after), errors[0])
    now = datetime.now(UTC)
    found = [
        Outside(message_id, "", frozenset({label}), now, 0) if isinstance(answer, TransientError) else answer
        for message_id, answer in answers.items()
        if answer is not None
    ]
    return sorted((each for each in found if label in each.labels), key=lambda each: each.received)


async def _describe(api: Api, message_id: str) -> Outside | TransientError | None:
    """None where it is gone."""
    try:
        return outside(await api.get(f"/messages/{segment(message_id)}", format="minimal"))
    except NotFound:
        return None
    except TransientError as error:
        return error
