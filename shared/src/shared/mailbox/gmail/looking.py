"""Looking into a mailbox at Google for somebody who is waiting (see `shared.mailbox.looking`).

Both raise as `Watch` does, PermanentError (`folder_missing`), and what the tokens raise.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from shared.mailbox.gmail import bodies
from shared.mailbox.gmail.api import Api, segment
from shared.mailbox.gmail.drafts import FOLDER, MARK, headers_of
from shared.mailbox.gmail.errors import NotFound
from shared.mailbox.gmail.listing import AT_ONCE, find_label, outside, page_of
from shared.mailbox.looking import (
    LOOKED_AT,
    NEWEST_DRAFTS,
    SIGNS,
    FoundDraft,
    Waiting,
    header_of,
    is_done_with,
    is_from_a_person,
    read,
)
from shared.mailbox.protocol import MessageRef
from shared.mailbox.tokens import AccessTokens

NAME = "Drafts"
"""What the folder is called in Gmail, where its language is English."""


async def newest_unanswered(
    folder: str, *, since: datetime, own: frozenset[str], tokens: AccessTokens, url: str
) -> Waiting | None:
    """The newest mail with this label since then that comes from a person and has no answer in its thread."""
    async with _opened(url, tokens) as api:
        label = await find_label(api, folder)
        # Without a search, which may lag behind.
        ids, _ = await page_of(api, label, LOOKED_AT)
        async for told in _told(api, ids, ["From", *SIGNS]):
            message, header = outside(told), header_of(headers_of(told).items())
            if message.received < since:
                return None
            if is_done_with(message.flags) or not is_from_a_person(header, own):
                continue
            if await bodies.is_answered(api, message):
                continue
            if (mail := await read(bodies.fetch(api, label, [MessageRef(folder, 0, message.id)]))) is not None:
                return Waiting(message.received, mail)
    return None


async def find_draft(mark: str, message_id: str, *, tokens: AccessTokens, url: str) -> FoundDraft | None:
    """The draft that carries this mark, as we saved it; None where it was sent, deleted or saved anew by a person: what
    Gmail's editor saves has no mark."""
    async with _opened(url, tokens) as api:
        # The newest as well: a search may lag behind.
        for query in ({"q": f"rfc822msgid:{message_id}"}, {}):
            found = (await api.get("/drafts", maxResults=NEWEST_DRAFTS, **query)).get("drafts", [])
            async for told in _told(api, [str(draft["message"]["id"]) for draft in found], [MARK]):
                if headers_of(told).get(MARK.lower()) != mark:
                    continue
                ref = MessageRef(FOLDER, 0, str(told["id"]))
                if (mail := await read(bodies.fetch(api, FOLDER, [ref]))) is not None:
                    return FoundDraft(NAME, mail)
    return None


async def _told(api: Api, ids: Sequence[str], headers: list[str]) -> AsyncIterator[dict[str, Any]]:
    """The messages that are there, a few at a time, with these headers; each few the newest first."""
    for start in range(0, len(ids), AT_ONCE):
        few = await asyncio.gather(*(_tell(api, each, headers) for each in ids[start : start + AT_ONCE]))
        for told in sorted(filter(None, few), key=lambda each: int(each.get("internalDate") or 0), reverse=True):
            yield told


async def _tell(api: Api, message_id: str, headers: list[str]) -> dict[str, Any] | None:
    try:
        return await api.get(f"/messages/{segment(message_id)}", format="metadata", metadataHeaders=headers)
    except NotFound:
        return None


@asynccontextmanager
async def _opened(url: str, tokens: AccessTokens) -> AsyncGenerator[Api]:
    api = Api(url, tokens)
    try:
        yield api
    finally:
        await api.close()
