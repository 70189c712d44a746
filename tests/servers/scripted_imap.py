"""A peer that speaks just enough IMAP to go wrong where a test wants it to."""

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Literal

from shared.config import ImapAccount
from tests.servers.mail_server import HOST, account

CLOSE = b"close the connection"
"""An answer's part: the connection is closed here."""

_LITERAL = re.compile(rb"\{(\d+)\}\r\n$")
_DEFAULT: dict[str, list[bytes]] = {
    "CAPABILITY": [b"* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN SASL-IR\r\n", b"%T OK done\r\n"],
    "EXAMINE": [b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 2] ok\r\n", b"%T OK done\r\n"],
    "LIST": [b'* LIST () "/" INBOX\r\n* LIST (\\Drafts) "/" Drafts\r\n', b"%T OK done\r\n"],
    "IDLE": [b"+ idling\r\n"],
    "DONE": [b"%T OK done\r\n"],
    "LOGOUT": [b"* BYE\r\n", b"%T OK done\r\n", CLOSE],
}

Answers = Mapping[str, list[bytes] | list[list[bytes]]]


class Peer:
    """Answers each command with its parts, in which `%T` stands for the tag; unknown commands with OK.

    A list of such lists holds the answers to the first, second ... time of asking, the last one for all further times.
    `received` collects the command lines without tags, each followed by its literals.
    """

    def __init__(self, answers: Answers, greeting: bytes) -> None:
        self._answers: dict[str, list[bytes] | list[list[bytes]]] = {**_DEFAULT, **answers}
        self._greeting = greeting
        self._asked: dict[str, int] = {}
        self._idle_tag = b""
        self.received: list[bytes] = []
        self.port = 0

    def account(self, security: Literal["tls", "starttls", "none"] = "none") -> ImapAccount:
        return account(self.port, "anna@example.org", security)

    def names(self) -> list[str]:
        """The names of the commands received, in order."""
        return [_name(line) for line in self.received]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(self._greeting)
            while line := await reader.readline():
                if not await self._take(line, reader, writer):
                    break
        except ConnectionError:
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _take(self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if line == b"DONE\r\n":
            tag, command = self._idle_tag, line
        else:
            tag, _, command = line.partition(b" ")
            self._idle_tag = tag
        while literal := _LITERAL.search(command):
            writer.write(b"+ go on\r\n")
            command += await reader.readexactly(int(literal[1])) + await reader.readline()
        self.received.append(command)
        return await self._answer(tag, _name(command), writer)

    async def _answer(self, tag: bytes, name: str, writer: asyncio.StreamWriter) -> bool:
        asked = self._asked[name] = self._asked.get(name, 0) + 1
        answer = self._answers.get(name, [b"%T OK done\r\n"])
        parts = answer[min(asked, len(answer)) - 1] if answer and isinstance(answer[0], list) else answer
        for part in parts:
            if part == CLOSE:
                return False
            assert isinstance(part, bytes)
            writer.write(part.replace(b"%T", tag))
            await writer.drain()
        return True


@asynccontextmanager
async def scripted(answers: Answers | None = None, *, greeting: bytes = b"* OK hello\r\n") -> AsyncGenerator[Peer]:
    """A peer that listens on a port of its own."""
    peer = Peer(answers or {}, greeting)
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(asyncio.create_task(peer.serve(reader, writer)))

    server = await asyncio.start_server(connected, HOST, 0)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


def _name(command: bytes) -> str:
    words = command.decode("utf-8", "replace").upper().split()
    return " ".join(words[: 2 if words[:1] == ["UID"] else 1])
