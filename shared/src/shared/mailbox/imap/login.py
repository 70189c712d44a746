"""Logging in: AUTHENTICATE PLAIN (RFC 4616) where it is offered, LOGIN otherwise."""

from base64 import b64encode
from typing import TYPE_CHECKING

from shared.config import ImapAccount
from shared.errors import PermanentError
from shared.mailbox.imap.errors import login_refused
from shared.mailbox.imap.names import quote
from shared.mailbox.imap.responses import Reply

if TYPE_CHECKING:
    from shared.mailbox.imap.connection import Connection


async def log_in(connection: "Connection", account: ImapAccount) -> None:
    """Raises AuthError, or TransientError where the server is merely busy, or PermanentError (`tls_required`)."""
    if connection.can("AUTH=PLAIN"):
        reply = await _authenticate(connection, account)
        if reply.status == "BAD" and not connection.can("LOGINDISABLED"):
            reply = await _login(connection, account)
    elif connection.can("LOGINDISABLED"):
        raise PermanentError("tls_required")
    else:
        reply = await _login(connection, account)
    if not reply.ok:
        raise login_refused(reply)
    if reply.code != "CAPABILITY":
        await connection.must("CAPABILITY")


async def _authenticate(connection: "Connection", account: ImapAccount) -> Reply:
    secret = account.password.get_secret_value()
    token = b64encode(f"\0{account.username}\0{secret}".encode())
    if connection.can("SASL-IR"):
        return await connection.run("AUTHENTICATE", "PLAIN", token.decode("ascii"))
    return await connection.run("AUTHENTICATE", "PLAIN", then=[token])


async def _login(connection: "Connection", account: ImapAccount) -> Reply:
    username, secret = account.username, account.password.get_secret_value()
    if (username + secret).isascii() and (username + secret).isprintable():
        return await connection.run("LOGIN", quote(username), quote(secret))
    name, word = username.encode(), secret.encode()
    return await connection.run("LOGIN", f"{{{len(name)}}}", then=[name + b" {%d}" % len(word), word])
