"""TCP and TLS below a connection: who may be trusted, and what a connection costs in memory."""

import asyncio
import ipaddress
import ssl
from asyncio import sslproto
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal

from shared.config import ImapAccount
from shared.errors import PermanentError, TransientError
from shared.mailbox import hosts
from shared.mailbox.imap.errors import CertificateNotValid, PortClosed, TlsFailed
from shared.mailbox.imap.wire import Wire

Step = Literal["host", "connection", "encryption", "greeting", "login"]
"""What is done, one after the other, until a server serves us; with STARTTLS the greeting comes before encryption."""

Begin = Callable[[Step], None]
"""Is told each step as it begins."""


class SmallReads(sslproto.SSLProtocol):
    """asyncio's TLS with a read buffer of 16 kB, a TLS record, instead of 256 kB for every idle connection."""

    max_size = 16 * 1024


@cache
def default_context() -> ssl.SSLContext:
    """The system's certificate authorities, loaded once: a context of its own costs each connection a megabyte."""
    return ssl.create_default_context()


def unobserved(_: Step) -> None:
    """For who does not want to know."""


async def dial(
    account: ImapAccount,
    context: ssl.SSLContext | None,
    seconds: float,
    *,
    private_hosts: bool = False,
    begin: Begin = unobserved,
) -> Wire:
    """A connection to the account's server, encrypted from the start where the account says so.

    Raises TransientError (`server_unreachable`, `timeout`) or PermanentError (`certificate_not_valid`,
    `host_not_public`, `tls_required` for an unencrypted connection to another machine).
    """
    if account.security == "none" and not _is_loopback(account.host):
        raise PermanentError("tls_required")
    begin("host")
    found = await hosts.addresses(account.host, account.port, private_hosts=private_hosts)
    begin("connection")
    wire = await _connect(found, account.port, seconds)
    if account.security == "tls":
        begin("encryption")
        await encrypt(wire, account.host, context, seconds)
    return wire


async def _connect(addresses: Sequence[str], port: int, seconds: float) -> Wire:
    """To the first of the addresses that answers."""
    loop = asyncio.get_running_loop()
    failure = TransientError("server_unreachable")
    for address in addresses:
        wire = Wire(loop)
        try:
            async with asyncio.timeout(seconds / len(addresses)):
                await loop.create_connection(lambda wire=wire: wire, address, port)
        except TimeoutError:
            failure = TransientError("timeout")
        except ConnectionRefusedError:
            failure = PortClosed()
        except OSError:
            failure = TransientError("server_unreachable")
        else:
            return wire
    raise failure


async def encrypt(wire: Wire, host: str, context: ssl.SSLContext | None, seconds: float) -> None:
    """Puts TLS below `wire`, with the server's certificate checked. Raises as `dial` does."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    transport = wire.transport
    tls = SmallReads(
        loop,
        wire,
        context or default_context(),
        ready,
        server_hostname=host,
        ssl_handshake_timeout=max(1, round(seconds)),
        ssl_shutdown_timeout=2,
    )
    try:
        transport.pause_reading()
        transport.set_protocol(tls)
        tls.connection_made(transport)
        transport.resume_reading()
        await ready
    except ssl.SSLCertVerificationError as error:
        raise CertificateNotValid(error.verify_code) from None
    except ConnectionAbortedError:
        raise TransientError("timeout") from None
    except OSError:
        raise TlsFailed from None
    finally:
        if wire.transport is transport:
            transport.abort()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
