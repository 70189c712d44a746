"""A client that costs next to nothing: two hundred of httpx would take more of the machine than the server they ask."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class Client:
    """One browser: a connection that is kept (HTTP/1.1), and a cookie. Understands what uvicorn answers to JSON."""

    def __init__(self, port: int, address: str) -> None:
        """`address` is where it says it is at home: log-ins are counted by that."""
        self._port = port
        self._head = f"Host: 127.0.0.1:{port}\r\nX-Forwarded-For: {address}\r\nContent-Type: application/json\r\n"
        self._cookie = ""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def connect(self) -> None:
        """Anew: the server closes what has been idle for some seconds."""
        await self.close()
        self._streams = await asyncio.open_connection("127.0.0.1", self._port)

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            await self._streams[1].wait_closed()
        self._streams = None

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path, b"")

    async def send(self, method: str, path: str, **values: Any) -> Answer:
        return await self._ask(method, path, json.dumps(values).encode())

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        assert self._streams is not None
        reader, writer = self._streams
        head = f"{method} /api/v1{path} HTTP/1.1\r\n{self._head}{self._cookie}Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        length = 0
        for name, _, value in (line.partition(": ") for line in lines):
            if name.lower() == "content-length":
                length = int(value)
            elif name.lower() == "set-cookie":
                self._cookie = f"Cookie: {value.partition(';')[0]}\r\n"
        return Answer(int(first.split()[1]), await reader.readexactly(length))
