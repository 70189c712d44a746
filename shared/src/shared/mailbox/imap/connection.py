"""One logged-in connection: commands with bounded time, IDLE, and a clean end."""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress

from aioimaplib.aioimaplib import AUTH, NONAUTH, SELECTED, CommandTimeout

from shared.config import ImapAccount
from shared.errors import KinamikError, PermanentError, TransientError
from shared.mailbox.imap.errors import refused
from shared.mailbox.imap.framing import Response
from shared.mailbox.imap.login import log_in
from shared.mailbox.imap.responses import Reply
from shared.mailbox.imap.transport import Begin, dial, encrypt, unobserved
from shared.mailbox.imap.wire import Exchange, Wire

ANSWER_WITHIN = 30.0
"""Seconds of silence after which a server that owes us an answer is given up."""

_PATIENCE = 10
_FAREWELL = 1.0


class Connection:
    """A connection to one account. One command at a time; after a TransientError it is of no more use."""

    def __init__(self, wire: Wire, answer_within: float) -> None:
        self._wire = wire
        self._answer_within = answer_within

    @classmethod
    async def open(
        cls,
        account: ImapAccount,
        ssl_context: ssl.SSLContext | None = None,
        answer_within: float = ANSWER_WITHIN,
        *,
        private_hosts: bool = False,
        begin: Begin = unobserved,
    ) -> "Connection":
        """Connects and logs in. Raises TransientError, AuthError or PermanentError (see `transport.dial`)."""
        wire = await dial(account, ssl_context, answer_within, private_hosts=private_hosts, begin=begin)
        connection = cls(wire, answer_within)
        try:
            begin("greeting")
            await connection._greet()
            if account.security == "starttls":
                begin("encryption")
                await connection._start_tls(account, ssl_context)
            begin("login")
            await connection._know_capabilities()
            if wire.state == NONAUTH:
                await log_in(connection, account)
                wire.state = AUTH
        except BaseException:
            connection.abort()
            raise
        return connection

    @property
    def lost(self) -> bool:
        return self._wire.lost is not None

    @property
    def exists(self) -> int:
        """How many messages the open folder holds, as far as the server has told."""
        return self._wire.exists

    @property
    def news(self) -> bool:
        """Whether the server has said that the folder changed since this was last set to False."""
        return self._wire.news

    @news.setter
    def news(self, value: bool) -> None:
        self._wire.news = value

    def can(self, capability: str) -> bool:
        return capability in self._wire.capabilities

    def capability_value(self, name: str) -> int | None:
        """The number behind a capability of the form NAME=number."""
        values = (item.partition("=")[2] for item in self._wire.capabilities if item.startswith(f"{name}="))
        return next((int(value) for value in values if value.isdigit()), None)

    async def run(
        self,
        name: str,
        *args: str,
        prefix: str = "",
        then: Sequence[bytes] = (),
        into: list[Response] | None = None,
    ) -> Reply:
        """Sends a command and returns the server's answer, whatever it is. Raises TransientError.

        `into` takes up the untagged responses as they come, so that they are kept when the connection is lost.
        """
        exchange = Exchange(name, self._wire.new_tag(), *args, prefix=prefix, then=then, timeout=self._answer_within)
        exchange.untagged = into if into is not None else exchange.untagged
        try:
            async with asyncio.timeout(_PATIENCE * self._answer_within):
                return await self._execute(exchange)
        except BaseException as error:
            self.abort()
            if isinstance(error, (CommandTimeout, TimeoutError)):
                raise TransientError("timeout") from None
            raise

    async def must(self, name: str, *args: str, prefix: str = "") -> Reply:
        """As `run`, but raises the error for an answer other than OK."""
        reply = await self.run(name, *args, prefix=prefix)
        if not reply.ok:
            raise refused(reply)
        return reply

    async def open_folder(self, quoted_name: str) -> Reply:
        """Opens a folder read-only (EXAMINE) and forgets what was news in the one before."""
        self._wire.exists = 0
        reply = await self.run("EXAMINE", quoted_name)
        self._wire.state = SELECTED if reply.ok else AUTH
        self._wire.news = False
        return reply

    async def idle(self, seconds: float) -> bool:
        """Idles until there is news, at most `seconds`; False where the server refuses to. Raises TransientError."""
        exchange = Exchange("IDLE", self._wire.new_tag(), timeout=seconds + 2 * self._answer_within)
        idle = asyncio.create_task(self._execute(exchange))
        acknowledged = asyncio.create_task(self._wire.wait_for_idle_response())
        try:
            await asyncio.wait((idle, acknowledged), timeout=self._answer_within, return_when=asyncio.FIRST_COMPLETED)
            if idle.done():
                return idle.result().ok
            if not acknowledged.done():
                raise TransientError("timeout")
            await asyncio.wait((idle, self._wire.change()), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not idle.done():
                self._wire.send("DONE")
                await asyncio.wait((idle,), timeout=self._answer_within)
            if not idle.done():
                raise TransientError("timeout")
            return idle.result().ok
        except BaseException:
            self.abort()
            raise
        finally:
            acknowledged.cancel()
            idle.cancel()

    async def rest(self, seconds: float) -> None:
        """Waits without a command, at most `seconds`, shorter when there is news. Raises TransientError when lost."""
        await asyncio.wait((self._wire.change(),), timeout=seconds)
        if self._wire.lost is not None:
            raise self._wire.lost

    async def close(self) -> None:
        """Says good-bye where the server still listens; never raises."""
        if not self.lost:
            with suppress(KinamikError, TimeoutError):
                async with asyncio.timeout(_FAREWELL):
                    await self.run("LOGOUT")
        self.abort()
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await self._wire.gone()

    def abort(self) -> None:
        """Drops the connection at once."""
        self._wire.end(TransientError("connection_lost"))
        self._wire.transport.abort()

    async def _execute(self, exchange: Exchange) -> Reply:
        await self._wire.execute(exchange)
        return exchange.reply()

    async def _greet(self) -> None:
        try:
            async with asyncio.timeout(self._answer_within):
                await self._wire.greeting
        except TimeoutError:
            raise TransientError("timeout") from None
        if self._wire.lost is not None:
            raise self._wire.lost

    async def _start_tls(self, account: ImapAccount, context: ssl.SSLContext | None) -> None:
        if self._wire.state != NONAUTH:
            raise PermanentError("tls_required")
        reply = await self.run("STARTTLS")
        # Whatever came in the clear behind the answer was put there by somebody else.
        if not reply.ok or not self._wire.quiet:
            raise PermanentError("tls_required")
        self._wire.capabilities = frozenset()
        await encrypt(self._wire, account.host, context, self._answer_within)

    async def _know_capabilities(self) -> None:
        if not self._wire.capabilities:
            await self.must("CAPABILITY")
