"""Trying out a mailbox's settings, step by step, to name the first thing that is wrong with them."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from shared.config import ImapAccount
from shared.errors import KinamikError, PermanentError, TransientError
from shared.mailbox.hosts import HostUnknown
from shared.mailbox.imap.connection import Connection
from shared.mailbox.imap.errors import CertificateNotValid, PortClosed, TlsFailed, folder_refused
from shared.mailbox.imap.folders import find_drafts_folder
from shared.mailbox.imap.names import Folder
from shared.mailbox.imap.transport import dial

CHECKED_WITHIN = 12.0
"""Seconds that all of it may take."""
_ANSWER_WITHIN = 5.0
_SECOND_THOUGHTS = 2.0

CheckStep = Literal["host", "connection", "encryption", "greeting", "login", "folder", "drafts"]


@dataclass(slots=True)
class Checked:
    """`steps` are those that were begun, in order; with a `reason` the last of them failed.

    Reasons: `host_unknown`, `host_not_public`, `port_closed`, `connection_timed_out`, `server_unreachable`,
    `tls_failed`, `certificate_not_valid` (`detail` says which: see `errors.WrongCertificate`), `tls_required`,
    `starttls_missing`, `not_imap`, `credentials_refused`, `app_password_required`, `imap_switched_off`,
    `server_busy`, `server_refused`, `folder_missing`, `no_folders_listed`.

    `messages` counts the folder's, `drafts_folder` is empty where it would be created by the first draft.
    """

    steps: list[CheckStep] = field(default_factory=list[CheckStep])
    reason: str = ""
    detail: str = ""
    messages: int | None = None
    drafts_folder: str = ""

    @property
    def at(self) -> CheckStep | None:
        return self.steps[-1] if self.steps else None


async def check(
    account: ImapAccount,
    folder: str,
    drafts_folder: str = "",
    *,
    private_hosts: bool,
    ssl_context: ssl.SSLContext | None = None,
    answer_within: float = _ANSWER_WITHIN,
) -> Checked:
    """Connects, logs in and looks at the folders; changes nothing. Takes at most `CHECKED_WITHIN` seconds."""
    checked = Checked()
    try:
        async with (
            asyncio.timeout(CHECKED_WITHIN),
            _connected(account, checked, ssl_context, answer_within, private_hosts) as connection,
        ):
            checked.steps.append("folder")
            reply = await connection.open_folder(Folder.named(folder).quoted)
            if not reply.ok:
                raise folder_refused(reply)
            checked.messages = connection.exists
            checked.steps.append("drafts")
            drafts = await find_drafts_folder(connection, drafts_folder)
            checked.drafts_folder = drafts.name if drafts else ""
    except TimeoutError:
        checked.reason = "connection_timed_out"
    except KinamikError as error:
        checked.reason, checked.detail = _named(error, checked.at)
        if (checked.at, checked.reason) == ("greeting", "connection_timed_out"):
            with suppress(TimeoutError):
                async with asyncio.timeout(_SECOND_THOUGHTS):
                    if await _speaks_something_else(account, ssl_context, private_hosts):
                        checked.reason = "not_imap"
    return checked


@asynccontextmanager
async def _connected(
    account: ImapAccount,
    checked: Checked,
    ssl_context: ssl.SSLContext | None,
    answer_within: float,
    private_hosts: bool,
) -> AsyncGenerator[Connection]:
    connection = await Connection.open(
        account, ssl_context, answer_within, private_hosts=private_hosts, begin=checked.steps.append
    )
    try:
        yield connection
    finally:
        await connection.close()


def _named(error: KinamikError, step: CheckStep | None) -> tuple[str, str]:
    """The reason and its detail, as precise as the step allows."""
    reason, detail = error.reason, ""
    match error:
        case HostUnknown():
            reason = "host_unknown"
        case PortClosed():
            reason = "port_closed"
        case TlsFailed():
            reason = "tls_failed"
        case CertificateNotValid():
            detail = error.why
        case PermanentError(reason="tls_required") if step == "encryption":
            reason = "starttls_missing"
        case TransientError(reason="connection_lost" | "protocol_error") if step == "greeting":
            reason = "not_imap"
        case TransientError(reason="connection_lost") if step == "encryption":
            reason = "tls_failed"
        case TransientError(reason="timeout"):
            reason = "connection_timed_out"
        case TransientError(reason="connection_lost" | "protocol_error"):
            reason = "server_refused"
        case _:
            pass
    return reason, detail


async def _speaks_something_else(account: ImapAccount, context: ssl.SSLContext | None, private_hosts: bool) -> bool:
    """Whether a server that says no hello answers when it is spoken to, as HTTP servers do."""
    try:
        wire = await dial(account, context, _SECOND_THOUGHTS, private_hosts=private_hosts)
    except KinamikError:
        return False
    try:
        wire.send("a NOOP\r\n")
        await wire.greeting
        return wire.lost is not None
    finally:
        wire.end(TransientError("connection_lost"))
        wire.transport.abort()
