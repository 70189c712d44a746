"""pymap, a small IMAP server from PyPI, as a process of its own, with its mail in memory.

It has one user, IDLE, UIDPLUS and APPENDLIMIT, but no SPECIAL-USE, no LIST-EXTENDED, no quota and no TLS from the first
byte. Mail is gone after a restart, and UIDVALIDITY is new.
"""

import imaplib
import os
import socket
import subprocess
import sys
from datetime import datetime

from shared.config import ImapAccount
from tests.servers.mail_server import HOST, PASSWORD, account, free_ports, wait_for_greeting

USER = "demo"
_RUN = "from pymap.main import main; main()"


class Pymap:
    """One server with the one user `USER`; the port stays over restarts."""

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._sender: imaplib.IMAP4 | None = None

    def __enter__(self) -> "Pymap":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns once clients are served."""
        assert self._process is None, "it is running"
        options = [
            "--host",
            HOST,
            "--port",
            str(self.port),
            "--no-tls",
            "--no-service",
            "admin",
            "--no-service",
            "managesieve",
        ]
        backend = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _RUN, *options, *backend],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"FQDN": "localhost"},
        )
        try:
            wait_for_greeting(self.port, 20)
        except TimeoutError:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the server; its mail is gone."""
        if self._sender is not None:
            self._sender.shutdown()
            self._sender = None
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def account(self, user: str = USER) -> ImapAccount:
        return account(self.port, user)

    def deliver(self, user: str, message: bytes, received: datetime | None = None) -> None:
        """Puts a mail into the user's INBOX, by APPEND."""
        date = imaplib.Time2Internaldate(received) if received else None
        if self._sender is None:
            self._sender = imaplib.IMAP4(HOST, self.port, timeout=10)
            # Without this each literal waits for the server's delayed acknowledgement, 40 ms.
            self._sender.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sender.login(user, PASSWORD)
        status, _ = self._sender.append("INBOX", "", date, message)
        assert status == "OK"
