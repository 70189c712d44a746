"""The protocol's lower half: aioimaplib's commands, tags and states, on a reader and with failures of our own.

aioimaplib's reader recurses once per line, tells the ends of FETCH by counting parentheses, logs what it reads, and
leaves a command waiting for ever when the connection goes. Only these methods are replaced.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence, Set
from functools import lru_cache
from typing import cast

from aioimaplib.aioimaplib import AUTH, CONNECTED, NONAUTH, Command, IMAP4ClientProtocol
from aioimaplib.aioimaplib import Response as LibraryResponse

from shared.errors import KinamikError, TransientError
from shared.mailbox.imap.framing import Framer, Response
from shared.mailbox.imap.responses import Reply, response_code

_SESSION = ("CAPABILITY", "STARTTLS", "AUTHENTICATE", "LOGIN", "LOGOUT", "NOOP", "IDLE")
_MAIL = ("EXAMINE", "SEARCH", "FETCH", "LIST", "CREATE", "SUBSCRIBE", "APPEND")
PERMITTED = frozenset((*_SESSION, *_MAIL))
"""The only commands that are ever sent: nothing here can delete, move or change a message."""

_BYE_GRACE = 1.0
_log = logging.getLogger("aioimaplib.aioimaplib")
_log.setLevel(logging.WARNING)
_log.addFilter(lambda record: record.levelno >= logging.WARNING)


@lru_cache(256)
def _capabilities(names: str) -> frozenset[str]:
    """Shared by all connections to the same kind of server."""
    return frozenset(names.split())


class Exchange(Command):
    """A command in flight. Each of `then` is sent when the server asks for more (a literal, a SASL answer)."""

    def __init__(
        self,
        name: str,
        tag: str,
        *args: str,
        prefix: str = "",
        then: Sequence[bytes] = (),
        timeout: float,
    ) -> None:
        super().__init__(name, tag, *args, prefix=prefix, timeout=timeout)
        self.then = deque(then)
        self.untagged: list[Response] = []

    def reply(self) -> Reply:
        """What the server answered."""
        line = self._resp_lines[-1]
        text = line.decode("utf-8", "replace")
        return Reply(self._resp_result.upper(), response_code(line)[0], text, tuple(self.untagged))

    def progress(self) -> None:
        """Starts the time-out anew: the server is talking."""
        self._reset_timer()

    def fail(self, error: KinamikError) -> None:
        """Ends the command without an answer."""
        self._timer.cancel()
        self._exception = error
        self._event.set()


class Wire(IMAP4ClientProtocol):
    """One connection's protocol object. One command at a time.

    `news` is set when the server says that the folder changed, whatever command was running; who reads the folder
    clears it first. `lost` is set once and for all when the connection is of no more use.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.greeting: asyncio.Future[Response | None] = loop.create_future()
        self.capabilities: Set[str] = frozenset()
        self.lost: KinamikError | None = None
        self.news = False
        self.exists = 0
        self._loop = loop
        self._framer = Framer()
        self.transport: asyncio.Transport
        self._current: Exchange | None = None
        self._change: asyncio.Future[None] | None = None
        self._gone: asyncio.Future[None] = loop.create_future()

    @property
    def quiet(self) -> bool:
        """Whether nothing has been read that was not yet understood as a response."""
        return self._framer.empty

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called once for TCP and once more when TLS is on top."""
        self.transport = cast(asyncio.Transport, transport)
        if self.state not in (AUTH, NONAUTH):
            self.state = CONNECTED

    def data_received(self, d: bytes) -> None:
        if self._current is not None:
            self._current.progress()
        try:
            for response in self._framer.feed(d):
                self._dispatch(response)
        except Exception:
            # Whatever a server says, it must not end up in the event loop's error log.
            self.end(TransientError("protocol_error"))
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(TransientError("connection_lost"))
        if not self._gone.done():
            self._gone.set_result(None)

    def end(self, error: KinamikError) -> None:
        """Marks the connection as lost and wakes whoever waits for it."""
        self.lost = self.lost or error
        if self._current is not None:
            self._current.fail(self.lost)
        if not self.greeting.done():
            self.greeting.set_result(None)
        self._wake()

    async def gone(self) -> None:
        """Returns when the transport is closed."""
        await asyncio.shield(self._gone)

    def change(self) -> asyncio.Future[None]:
        """A future that is done as soon as there is news, or the connection is lost."""
        self._change = self._loop.create_future()
        if self.news or self.lost is not None:
            self._wake()
        return self._change

    def send(self, line: str, scrub: str | None = None) -> None:
        self.transport.write(line.encode("utf-8", "surrogateescape") + b"\r\n")

    async def execute(self, command: Command, scrub: str | None = None) -> LibraryResponse:
        """Sends a command and waits for its end. Raises CommandTimeout, or what the connection was lost with."""
        if command.name not in PERMITTED or not isinstance(command, Exchange):
            raise ValueError("this command is never sent")
        if self.lost is not None:
            raise self.lost
        self._current = command
        try:
            return await super().execute(command)
        finally:
            self._current = None

    def _dispatch(self, response: Response) -> None:
        line = response.line
        if self.state == CONNECTED:
            self._greet(response)
        elif line.startswith(b"* "):
            self._on_untagged(response)
        elif line.startswith(b"+"):
            self._continuation(line)
        elif line:
            self._note_capabilities(line.partition(b" ")[2].partition(b" ")[2])
            self._response_done(line)

    def _greet(self, response: Response) -> None:
        kind = response.line[2:].split(b" ", 1)[0].upper()
        self.state = {b"OK": NONAUTH, b"PREAUTH": AUTH}.get(kind, CONNECTED)
        if self.state == CONNECTED:
            self.end(TransientError("server_busy" if kind == b"BYE" else "protocol_error"))
            return
        self._note_capabilities(response.line[2:].partition(b" ")[2])
        if not self.greeting.done():
            self.greeting.set_result(response)

    def _on_untagged(self, response: Response) -> None:
        if self._current is not None:
            self._current.untagged.append(response)
        words = response.line[:64].upper().split(None, 3)
        if words[1:2] in ([b"OK"], [b"CAPABILITY"]):
            self._note_capabilities(response.line[2:].partition(b" ")[2], bare=words[1] == b"CAPABILITY")
        elif words[1:2] == [b"BYE"]:
            self._on_bye()
        elif words[2:3] in ([b"EXISTS"], [b"RECENT"], [b"EXPUNGE"]):
            self._on_change(int(words[1]), words[2])

    def _on_change(self, number: int, kind: bytes) -> None:
        if kind == b"EXISTS":
            self.exists = number
        elif kind == b"EXPUNGE":
            self.exists = max(0, self.exists - 1)
        self.news = True
        self._wake()

    def _on_bye(self) -> None:
        error = TransientError("connection_lost")
        if self._current is None or self._current.name == "IDLE":
            self.end(error)
        else:
            # The answer to the running command may follow, and says more.
            self._loop.call_later(_BYE_GRACE, self.end, error)

    def _note_capabilities(self, text: bytes, *, bare: bool = False) -> None:
        code, argument = ("CAPABILITY", text.decode("ascii", "replace")) if bare else response_code(text)
        if code == "CAPABILITY":
            self.capabilities = _capabilities(argument.upper())

    def _continuation(self, line: bytes) -> None:
        if self._current is None:
            return
        if self._current.then:
            self.transport.writelines((self._current.then.popleft(), b"\r\n"))
        elif self._current.name == "IDLE":
            self._idle_event.set()

    def _wake(self) -> None:
        if self._change is not None and not self._change.done():
            self._change.set_result(None)
