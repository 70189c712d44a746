"""Content never reaches a broker in the clear: fields marked `Sealed` are encrypted with AES-256-GCM.

The data key is new every hour and belongs to config-api, which destroys it after the retention time; from then on
nobody can read what was sealed with it, in no backup either (crypto-shredding).
"""

import asyncio
import base64
import json
import os
import zlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.config import ContentKey
from shared.errors import PermanentError, TransientError
from shared.events import Event, SealedMark
from shared.tasks import background

NONCE_BYTES = 12
REFRESH_SECONDS = 600.0

E = TypeVar("E", bound=Event)


class Sealer(Protocol):
    """Turns content into an envelope and back. `context` is authenticated along with it, not hidden."""

    def seal(self, content: bytes, context: bytes) -> dict[str, str]: ...

    async def open(self, envelope: dict[str, str], context: bytes) -> bytes: ...


class NoContent:
    """For a process that has no business with content: it neither seals nor opens."""

    def seal(self, content: bytes, context: bytes) -> dict[str, str]:
        raise PermanentError("content_not_allowed")

    async def open(self, envelope: dict[str, str], context: bytes) -> bytes:
        raise PermanentError("content_not_allowed")


class Keyring:
    """The content keys that config-api has issued, a day ahead, so that its outage stops nobody."""

    def __init__(self, fetch: Callable[[], Awaitable[Sequence[ContentKey]]]) -> None:
        self._fetch = fetch
        self._keys: dict[str, tuple[ContentKey, AESGCM]] = {}
        self._fetching = asyncio.Lock()

    async def refresh(self) -> None:
        """Takes over the keys that exist now; a key that config-api destroyed is forgotten here too."""
        async with self._fetching:
            keys = await self._fetch()
            self._keys = {str(key.id): (key, AESGCM(_key_bytes(key))) for key in keys}

    def running(self) -> AbstractAsyncContextManager[None]:
        """Keeps the keys fresh while entered."""
        return background(self._refresh_for_ever(), name="content-keys")

    def seal(self, content: bytes, context: bytes) -> dict[str, str]:
        """Raises TransientError where no key is valid now (config-api has been away for more than a day)."""
        now = datetime.now(UTC)
        for key_id, (key, cipher) in self._keys.items():
            if key.valid_from <= now < key.valid_until:
                nonce = os.urandom(NONCE_BYTES)
                sealed = cipher.encrypt(nonce, zlib.compress(content, 1), context)
                return {"key": key_id, "data": base64.b64encode(nonce + sealed).decode()}
        raise TransientError("no_content_key")

    async def open(self, envelope: dict[str, str], context: bytes) -> bytes:
        """Raises PermanentError where the key was destroyed or the envelope was tampered with."""
        if envelope["key"] not in self._keys:
            await self.refresh()
        if envelope["key"] not in self._keys:
            raise PermanentError("content_key_destroyed")
        data = base64.b64decode(envelope["data"])
        try:
            compressed = self._keys[envelope["key"]][1].decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], context)
        except InvalidTag:
            raise PermanentError("seal_broken") from None
        return zlib.decompress(compressed)

    async def _refresh_for_ever(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except TransientError:
                continue


def _key_bytes(key: ContentKey) -> bytes:
    return base64.urlsafe_b64decode(key.key.get_secret_value())


def sealed_fields(event: type[Event]) -> set[str]:
    """The names of an event's fields that carry content."""
    return {
        name for name, field in event.model_fields.items() if any(isinstance(m, SealedMark) for m in field.metadata)
    }


def encode(event: Event, sealer: Sealer) -> bytes:
    """An event as it travels: clear fields as they are, content in one envelope."""
    content = sealed_fields(type(event))
    wire: dict[str, Any] = event.model_dump(mode="json", exclude=content)
    if content:
        wire["sealed"] = sealer.seal(event.model_dump_json(include=content).encode(), _context(event.topic, wire))
    return json.dumps(wire, separators=(",", ":")).encode()


async def decode(kind: type[E], data: bytes, sealer: Sealer) -> E:
    """The event again. Raises PermanentError (`undecodable`, `content_key_destroyed`, `seal_broken`)."""
    try:
        wire: dict[str, Any] = json.loads(data)
        envelope = wire.pop("sealed", None)
        if envelope is not None:
            wire |= json.loads(await sealer.open(envelope, _context(kind.topic, wire)))
        return kind.model_validate(wire)
    except (ValueError, KeyError, AttributeError, TypeError):
        raise PermanentError("undecodable") from None


def _context(topic: str, wire: dict[str, Any]) -> bytes:
    return f"{topic}/{wire['event_id']}".encode()
