"""Reading messages whole, a few at a time, in bounded memory."""

import asyncio
import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Sequence

from shared.errors import TransientError
from shared.mailbox.gmail.api import Api, segment
from shared.mailbox.gmail.errors import NotFound
from shared.mailbox.gmail.listing import AT_ONCE, Outside, outside
from shared.mailbox.protocol import Fetched, MessageRef, MessageUnreadable

WHOLE = 2 * 1024 * 1024
"""Messages up to this size in bytes are read whole, larger ones only for their first `PART`."""
PART = 1024 * 1024

_RAW = re.compile(rb'"raw"\s*:\s*"')
_BASE64URL = re.compile(rb"[A-Za-z0-9_-]*")
_LETTERS = PART // 3 * 4 + 4
"""How many letters of base64 hold `PART` bytes."""


async def fetch(api: Api, label: str, refs: Sequence[MessageRef]) -> AsyncIterator[Fetched]:
    """The messages in order, without those that are gone or no longer have the label.

    Raises MessageUnreadable where single messages cannot be read, after all the others; and the error itself where
    none can.
    """
    error: TransientError | None = None
    read = 0
    for start in range(0, len(refs), AT_ONCE):
        for answer in await asyncio.gather(*(_fetch(api, label, ref) for ref in refs[start : start + AT_ONCE])):
            if isinstance(answer, TransientError):
                if answer.reason not in ("server_error", "message_unreadable"):
                    raise answer
                error = answer
            elif answer is not None:
                read += 1
                yield answer
    if error is not None:
        raise MessageUnreadable if read or isinstance(error, MessageUnreadable) else error


async def _fetch(api: Api, label: str, ref: MessageRef) -> Fetched | TransientError | None:
    try:
        message = outside(await api.get(f"/messages/{segment(ref.id)}", format="minimal"))
        if label not in message.labels or "TRASH" in message.labels - {label}:
            return None
        raw = await _raw(api, ref.id, PART if message.size > WHOLE else None)
        answered = {"\\Answered"} if await is_answered(api, message) else set[str]()
    except NotFound:
        return None
    except TransientError as error:
        return error
    return Fetched(ref, raw, message.flags | answered, truncated=message.size > WHOLE)


async def is_answered(api: Api, message: Outside) -> bool:
    """Whether something was sent in the same thread later."""
    thread = await api.get(f"/threads/{segment(message.thread)}", format="minimal")
    return any("SENT" in each.labels and each.received > message.received for each in map(outside, thread["messages"]))


async def _raw(api: Api, message_id: str, limit: int | None) -> bytes:
    """Its bytes, up to `limit`. Of what lies behind, as little as possible is read, and nothing is kept."""
    collected = bytearray()
    begin = -1
    async with api.stream("GET", f"/messages/{segment(message_id)}", params={"format": "raw"}) as response:
        async for chunk in response.aiter_bytes():
            collected += chunk
            if begin < 0 and (found := _RAW.search(collected)):
                begin = found.end()
            if limit and begin >= 0 and len(collected) - begin > _LETTERS:
                break
    if begin < 0:
        raise MessageUnreadable
    return decoded(bytes(collected[begin : begin + _LETTERS if limit else None]))[:limit]


def decoded(letters: bytes) -> bytes:
    """The bytes that base64url stands for, up to what is none of its letters: padding, plain or as JSON may escape it,
    or the end of the string. Raises MessageUnreadable."""
    found = _BASE64URL.match(letters)
    assert found is not None
    try:
        return urlsafe_b64decode(found[0] + b"=" * (-len(found[0]) % 4))
    except binascii.Error:
        raise MessageUnreadable from None
