"""A mail server for the one-machine run, inside its process: IMAP by pymap, an SMTP entrance by aiosmtpd.

It takes mail for the accounts it has, and relays nothing. Loopback only, no TLS.
"""

import asyncio
import errno
import logging
import sqlite3
from argparse import Namespace
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from uuid import uuid4
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from proxyprotocol.result import ProxyResultLocal
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Login, Session
from pymap.backend.dict.filter import FilterSet
from pymap.concurrent import Subsystem
from pymap.config import BackendCapability
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from embedded.demo_mailstore import StoredFolders, open_database

HOST = "127.0.0.1"
MAX_MESSAGE_BYTES = 25 * 1024 * 1024
FOR_NEWCOMERS = "probe@mein-betrieb.example"
"""The account for whoever makes an organisation of their own; the other one is the demo hotel's."""
ACCOUNTS = {"demo@hotel-seeblick.example": "demo", FOR_NEWCOMERS: "probe"}

_log = logging.getLogger(__name__)


class PortInUse(Exception):
    """The message names the port and the setting that chooses another."""

    def __init__(self, port: int, setting: str) -> None:
        super().__init__(f"port {port} is in use, {setting} sets another")


@dataclass(frozen=True, slots=True)
class DemoMail:
    """A running server: the ports it listens on (never 0), and a way in without SMTP."""

    imap_port: int
    smtp_port: int
    deliver: "Delivery"


class _Config(Config):
    @property
    def backend_capability(self) -> BackendCapability:
        return BackendCapability(idle=True, object_id=False, multi_append=True, custom=[b"SPECIAL-USE"])

    @property
    def greeting(self) -> bytes:
        return b"Demo mailbox ready."  # pymap's own looks up the host's name, which blocks


class Delivery:
    """Puts a mail into an account's INBOX; sessions in IDLE are told at once."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def accepts(self, address: str) -> bool:
        return address.lower() in self._config.set_cache

    def is_unused(self, address: str) -> bool:
        """Whether nothing has ever arrived there."""
        folders = self._config.set_cache[address.lower()][0]
        return isinstance(folders, StoredFolders) and folders.is_unused

    async def __call__(self, address: str, message: bytes) -> None:
        """Raises KeyError for an unknown address."""
        account = address.lower()
        session = Session(account, self._config, *self._config.set_cache[account])
        await session.append_messages("INBOX", [AppendMessage(message, datetime.now(UTC))])


class _Entrance:
    """aiosmtpd's hooks: who is known here, and what becomes of a mail."""

    def __init__(self, deliver: Delivery) -> None:
        self._deliver = deliver

    async def handle_RCPT(
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self._deliver.accepts(address):
            return "550 5.1.1 No such mailbox here, and nothing is relayed"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        received = f"Received: by {HOST} with ESMTP; {format_datetime(datetime.now(UTC))}\r\n"
        sender = (envelope.mail_from or "").strip("<>")  # a bounce's is empty, and stays so for the gate to see
        trace = f"Return-Path: <{sender}>\r\n{received}"
        for account in {address.lower() for address in envelope.rcpt_tos}:
            await self._deliver(account, trace.encode() + content)
        return "250 2.0.0 Delivered"


@asynccontextmanager
async def demo_mail_server(
    data_dir: Path,
    imap_port: int = 1143,
    smtp_port: int = 1025,
    accounts: Mapping[str, str] = ACCOUNTS,
    max_message_bytes: int = MAX_MESSAGE_BYTES,
) -> AsyncGenerator[DemoMail]:
    """Serves both ports on the running loop; port 0 takes a free one. `accounts` maps addresses to passwords.

    What has arrived stays in `data_dir`. Raises PortInUse.
    """
    for name in ("mail.log", "pymap"):  # both log addresses and content below these levels
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with closing(open_database(data_dir / "demo-mail.sqlite3")) as database:
        config = _config(database, accounts, max_message_bytes)
        deliver = Delivery(config)
        async with _imap(config, accounts, imap_port) as imap, _smtp(deliver, smtp_port, max_message_bytes) as smtp:
            yield DemoMail(imap, smtp, deliver)


def _config(database: sqlite3.Connection, accounts: Mapping[str, str], max_message_bytes: int) -> Config:
    config = _Config(
        Namespace(passlib_cfg=None, proxy_protocol=None),
        host=HOST,
        port=0,
        demo_data=False,
        demo_user="",
        demo_password="",
        tls_enabled=False,
        ssl_context=SSLContext(PROTOCOL_TLS_SERVER),
        hash_context=Cleartext(),
        cpu_subsystem=Subsystem.for_asyncio(),
        max_append_len=max_message_bytes,
    )
    for address in accounts:
        config.set_cache[address.lower()] = (StoredFolders(database, address.lower()), FilterSet())
    return config


@asynccontextmanager
async def _imap(config: Config, accounts: Mapping[str, str], port: int) -> AsyncGenerator[int]:
    login = Login(config)
    for address, password in accounts.items():
        login.users_dict[address.lower()] = UserMetadata(config, address.lower(), password=password)
    serve = IMAPServer(login, config)
    sessions: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = SocketInfo.get(writer, ProxyResultLocal(), unique_id=uuid4().bytes)
        task = asyncio.create_task(serve(reader, writer, peer))
        sessions[task] = writer
        task.add_done_callback(ended)

    def ended(task: asyncio.Task[None]) -> None:
        del sessions[task]
        if not task.cancelled() and (error := task.exception()):
            _log.warning("demo IMAP session failed: %s", type(error).__name__)

    async with _bound(port, "KINAMIK_IMAP_PORT", lambda: asyncio.start_server(connected, HOST, port)) as bound:
        yield bound
        for writer in sessions.values():
            writer.close()
        if sessions:
            await asyncio.wait(sessions, timeout=2)


@asynccontextmanager
async def _smtp(deliver: Delivery, port: int, max_message_bytes: int) -> AsyncGenerator[int]:
    loop = asyncio.get_running_loop()
    entrance = _Entrance(deliver)
    connections: WeakSet[SMTP] = WeakSet()

    def protocol() -> SMTP:
        connection = SMTP(
            entrance,
            hostname="localhost",
            ident="Kinamik demo",
            data_size_limit=max_message_bytes,
            enable_SMTPUTF8=True,
            timeout=60,
            loop=loop,
        )
        connections.add(connection)
        return connection

    async with _bound(port, "KINAMIK_SMTP_PORT", lambda: loop.create_server(protocol, HOST, port)) as bound:
        yield bound
        for connection in connections:
            if connection.transport:
                connection.transport.close()
        await asyncio.sleep(0.01)  # aiosmtpd cancels its tasks when it is told of the loss, one turn of the loop later


@asynccontextmanager
async def _bound(
    port: int, setting: str, listen: Callable[[], Coroutine[None, None, asyncio.Server]]
) -> AsyncGenerator[int]:
    try:
        server = await listen()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(port, setting) from None
        raise
    async with server:
        yield server.sockets[0].getsockname()[1]
