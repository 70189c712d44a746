"""An SMTP server that takes what it is sent, or refuses it as told. On loopback, in the test's own loop."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from tests.servers.owner import eventually

TAKEN = "250 OK"


@dataclass
class MailSink:
    """`port` is 0 until it listens. `answers` are for the next recipients, one each; then all are taken."""

    port: int = 0
    answers: list[str] = field(default_factory=list)
    refused: int = 0
    connections: int = 0
    envelopes: list[Envelope] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(bytes(each.content or b""), policy=default) for each in self.envelopes]

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        answer = self.answers.pop(0) if self.answers else TAKEN
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        else:
            self.refused += 1
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return TAKEN

    async def until(
        self, count: int, wanted: Callable[[EmailMessage], bool] = lambda _: True, *, seconds: float = 10
    ) -> list[EmailMessage]:
        """The mails, once there are so many of those that are wanted."""

        async def enough() -> bool:
            return len([mail for mail in self.mails if wanted(mail)]) >= count

        await eventually(enough, True, seconds)
        return [mail for mail in self.mails if wanted(mail)]

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """While entered; it may be entered again, and keeps its port and what it has got."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, enable_SMTPUTF8=True), "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
