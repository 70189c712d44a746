"""Listens in between a mail client and its server, and notes when the server said what."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

ANNOUNCED = b" EXISTS\r\n"
STORED = b"[APPENDUID "
PATIENCE = 10.0


class Tap:
    """`announced` and `stored` are times (time.perf_counter) of the server's EXISTS and of its answers to APPEND."""

    def __init__(self) -> None:
        self.port = 0
        self.announced: list[float] = []
        self.stored: list[float] = []
        self._news = asyncio.Event()

    async def announced_to_stored(self, since: float) -> float:
        """Seconds between the first of each after `since`. A draft can be seen before its APPEND is answered."""
        async with asyncio.timeout(PATIENCE):
            while not self.stored or self.stored[-1] < since:
                await self._news.wait()
                self._news.clear()
        return min(at for at in self.stored if at >= since) - min(at for at in self.announced if at >= since)

    def heard(self, data: bytes) -> None:
        if ANNOUNCED in data:
            self.announced.append(time.perf_counter())
        if STORED in data:
            self.stored.append(time.perf_counter())
            self._news.set()


class _Side(asyncio.Protocol):
    """One end of a connection: hands on to `other` what it reads."""

    def __init__(self, tap: Tap | None) -> None:
        self._tap = tap
        self.other: _Side | None = None
        self.transport: asyncio.Transport | None = None
        self._early = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(bytes(self._early))

    def data_received(self, data: bytes) -> None:
        if self._tap is not None:
            self._tap.heard(data)
        if self.other is not None:
            self.other.send(data)

    def send(self, data: bytes) -> None:
        if self.transport is None:
            self._early += data
        else:
            self.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


@asynccontextmanager
async def tapped(port: int) -> AsyncGenerator[Tap]:
    """A port of loopback that leads to the server on `port`."""
    tap = Tap()
    loop = asyncio.get_running_loop()
    dialling: set[asyncio.Task[None]] = set()

    def accept() -> _Side:
        client, server = _Side(None), _Side(tap)
        client.other, server.other = server, client

        async def dial() -> None:
            with suppress(OSError):
                await loop.create_connection(lambda: server, "127.0.0.1", port)

        task = asyncio.ensure_future(dial())
        dialling.add(task)
        task.add_done_callback(dialling.discard)
        return client

    listener = await loop.create_server(accept, "127.0.0.1", 0)
    tap.port = listener.sockets[0].getsockname()[1]
    try:
        yield tap
    finally:
        listener.close()
