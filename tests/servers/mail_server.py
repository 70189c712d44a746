"""What tests and benchmarks ask of any IMAP server, and a second, independent client to look into it."""

import imaplib
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Literal, Protocol

from pydantic import SecretStr

from shared.config import ImapAccount

HOST = "127.0.0.1"
PASSWORD = "geheim"
# Below those of connections that leave: one of these would otherwise be taken now and then before its server starts.
PORTS = range(10_000, 32_000)


class MailServer(Protocol):
    """Methods block for milliseconds, `start` and `restart` for up to some seconds."""

    port: int

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def restart(self) -> None: ...

    def account(self, user: str) -> ImapAccount: ...

    def deliver(self, user: str, message: bytes, received: datetime | None = None) -> None:
        """Puts a mail into the user's INBOX, at once and whole."""
        ...


def account(port: int, user: str, security: Literal["tls", "starttls", "none"] = "none") -> ImapAccount:
    return ImapAccount(host=HOST, port=port, security=security, username=user, password=SecretStr(PASSWORD))


@contextmanager
def client(server: MailServer, user: str) -> Iterator[imaplib.IMAP4]:
    """A logged-in client of the standard library, as a person's mail program."""
    with imaplib.IMAP4(HOST, server.port, timeout=10) as other:
        other.login(user, PASSWORD)
        yield other


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on just now, and that the system gives nobody by itself.

    Chosen by chance, so that test runs side by side do not choose the same ones.
    """
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with suppress(OSError), socket.create_server((HOST, port)):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError("no port is free")


def wait_for_greeting(port: int, seconds: float) -> None:
    """Returns when an IMAP server says hello. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((HOST, port), timeout=seconds) as probe:
                if probe.recv(4) == b"* OK":
                    return
        except OSError:
            pass
        time.sleep(0.02)
    raise TimeoutError(f"no IMAP greeting on port {port}")
