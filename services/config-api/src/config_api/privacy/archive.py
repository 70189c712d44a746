"""A ZIP that is written from its first byte to its last, leaves in pieces as it grows, and is never whole in memory."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import IO, Any, cast
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic_core import to_json

from config_api.crypto import NONCE_BYTES
from shared.errors import PermanentError

Rows = Sequence[Mapping[str, Any]]


class _Pieces:
    """All that ZipFile needs of a file that cannot be sought in."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, data: bytes) -> int:
        self._bytes += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def taken(self) -> bytes:
        taken, self._bytes = bytes(self._bytes), bytearray()
        return taken


class Archive:
    """`take` is given each piece once it is written, and how many rows are in the archive so far."""

    def __init__(self, take: Callable[[bytes, int], Awaitable[None]]) -> None:
        self._take = take
        self._pieces = _Pieces()
        self._zip = ZipFile(cast(IO[bytes], self._pieces), "w", ZIP_DEFLATED)
        self.rows = 0

    async def text(self, name: str, text: str) -> None:
        self._zip.writestr(name, text)
        await self._hand_over()

    async def table(self, kind: str, batches: AsyncIterator[Rows]) -> None:
        """A file of JSON: a list of objects."""
        with self._zip.open(f"{kind}.json", "w", force_zip64=True) as file:
            file.write(b"[")
            separator = b"\n"
            async for batch in batches:
                # In a thread: a batch of long texts takes a while to compress.
                separator = await asyncio.to_thread(_write, file, batch, separator)
                self.rows += len(batch)
                await self._hand_over()
            file.write(b"\n]\n")
        await self._hand_over()

    async def close(self) -> None:
        self._zip.close()
        await self._hand_over()

    async def _hand_over(self) -> None:
        await self._take(self._pieces.taken(), self.rows)


def _write(file: IO[bytes], rows: Rows, separator: bytes) -> bytes:
    for row in rows:
        file.write(separator + to_json(row, fallback=str))
        separator = b",\n"
    return separator


def seal(key: bytes, piece: bytes, job_id: UUID, n: int) -> bytes:
    """Nonce and ciphertext, which open as the job's n-th piece only."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, piece, f"{job_id}/{n}".encode())


def unseal(key: bytes, sealed: bytes, job_id: UUID, n: int) -> bytes:
    """Raises PermanentError (`sealed_value_broken`)."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], f"{job_id}/{n}".encode())
    except (InvalidTag, ValueError):
        raise PermanentError("sealed_value_broken") from None
