"""TCP and TLS below a connection: who may be trusted, and what a connection costs in memory."""

import asyncio
import ipaddress
import ssl
from asyncio import sslproto
from functools import cache

from shared.config import ImapAccount
from shared.errors import PermanentError, TransientError
from shared.mailbox.imap.wire import Wire


class SmallReads(sslproto.SSLProtocol):
    """asyncio's TLS with a read buffer of 16 kB, a TLS record, instead of 256 kB for every idle connection."""

    max_size = 16 * 1024


@cache
def default_context() -> ssl.SSLContext:
    """The system's certificate authorities, loaded once: a context of its own costs each connection a megabyte."""
    return ssl.create_default_context()


async def dial(account: ImapAccount, context: ssl.SSLContext | None, seconds: float) -> Wire:
    """A connection to the account's server, encrypted from the start where the account says so.

    Raises TransientError (`server_unreachable`, `timeout`) or PermanentError (`certificate_not_valid`,
    `tls_required` for an unencrypted connection to another machine).
    """
    if account.security == "none" and not _is_loopback(account.host):
        raise PermanentError("tls_required")
    loop = asyncio.get_running_loop()
    wire = Wire(loop)
    try:
        async with asyncio.timeout(seconds):
            await loop.create_connection(lambda: wire, account.host, account.port)
    except TimeoutError:
        raise TransientError("timeout") from None
    except OSError:
        raise TransientError("server_unreachable") from None
    if account.security == "tls":
        await encrypt(wire, account.host, context, seconds)
    return wire


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
    except ssl.SSLCertVerificationError:
        raise PermanentError("certificate_not_valid") from None
    except ConnectionAbortedError:
        raise TransientError("timeout") from None
    except OSError:
        raise TransientError("server_unreachable") from None
    finally:
        if wire.transport is transport:
            transport.abort()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
