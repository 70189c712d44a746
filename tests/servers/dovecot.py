"""A private Dovecot 2.3 for tests and benchmarks: Debian's, on loopback ports, with its own users and mail folders."""

import itertools
import os
import pwd
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from shared.config import ImapAccount
from tests.servers.certificate import trusting, write_certificate
from tests.servers.dovecot_config import Options, render
from tests.servers.mail_server import account, free_ports, wait_for_greeting

_counter = itertools.count()
_UNTIL_EOF = '"$0" -F -c "$1" </dev/null & read _; kill $!; wait $!'
"""Runs the server until our end of the pipe is closed: by `stop`, or because this process was killed."""


def dovecot_binary() -> str | None:
    """Where Dovecot 2.3 is, None where it is not installed."""
    return shutil.which("dovecot", path=f"/usr/sbin:/usr/local/sbin:{os.environ.get('PATH', '')}")


def dovecot_available() -> str | None:
    """None where Dovecot can run, otherwise what is missing."""
    binary = dovecot_binary()
    if binary is None:
        return "not installed (Debian: dovecot-imapd)"
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    return None if version.startswith("2.3.") else f"version 2.3 is needed, this is {version.split(' ')[0]}"


class Dovecot:
    """One server. Every user name is known, with the password `mail_server.PASSWORD`; the ports stay over restarts.

    Use it as a context manager, or call `start` and `close`.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.folder.chmod(0o755)
        self.port, self.tls_port = free_ports(2)
        self.certificate, self._key = write_certificate(self.folder)
        self._owner = _mail_owner()
        self._home = self.folder / "users"
        self._home.mkdir()
        os.chown(self._home, *self._owner)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Dovecot":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Returns once clients are served, after about a tenth of a second."""
        assert self._process is None, "it is running"
        config = self.folder / "dovecot.conf"
        config.write_text(
            render(self.folder, self._owner, self.port, self.tls_port, self.certificate, self._key, self.options)
        )
        binary = dovecot_binary()
        assert binary is not None
        with (self.folder / "stderr").open("ab") as errors:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _UNTIL_EOF, binary, str(config)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        try:
            wait_for_greeting(self.port, 10)
        except TimeoutError:
            self.stop()
            raise RuntimeError(self.log()) from None

    def stop(self) -> None:
        """Ends the server with all its processes; the mail stays for the next start."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        end_group(self._process)
        self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """Ends the server and removes everything."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        files = (self.folder / "stderr", self.folder / "log")
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())

    def account(self, user: str, security: Literal["tls", "starttls", "none"] = "none") -> ImapAccount:
        return account(self.tls_port if security == "tls" else self.port, user, security)

    def trust(self) -> ssl.SSLContext:
        """A context that trusts this server's certificate."""
        return trusting(self.certificate)

    def maildir(self, user: str) -> Path:
        """The user's Maildir, made where it is missing; Dovecot may be making it at the same time."""
        maildir = self._home / user / "Maildir"
        for part in (maildir.parent, maildir, maildir / "tmp", maildir / "new", maildir / "cur"):
            if not part.exists():
                part.mkdir(mode=0o700, exist_ok=True)
                os.chown(part, *self._owner)
        return maildir

    def deliver(self, user: str, message: bytes, received: datetime | None = None) -> None:
        """Puts a mail into the user's INBOX: written below tmp, moved to new when whole."""
        maildir = self.maildir(user)
        name = f"{time.time_ns()}.Q{next(_counter)}P{os.getpid()}.test"
        file = maildir / "tmp" / name
        file.write_bytes(message)
        os.chown(file, *self._owner)
        if received is not None:
            os.utime(file, (received.timestamp(), received.timestamp()))
        file.rename(maildir / "new" / name)

    def damage(self, user: str, index: int, folder: str = "") -> None:
        """Makes a mail of the INBOX or a folder unreadable for the server; it is counted from 0 in order of arrival."""
        maildir = self.maildir(user) / f".{folder}" if folder else self.maildir(user)
        for cache in maildir.glob("dovecot.index*"):
            cache.unlink()
        files = sorted(file for part in ("new", "cur") for file in (maildir / part).iterdir())
        files[index].chmod(0)

    def change_uidvalidity(self, user: str) -> None:
        """Forgets the UIDs of the user's INBOX, as a restored backup does."""
        time.sleep(1.1)  # UIDVALIDITY is the time in seconds
        for file in self.maildir(user).glob("dovecot*"):
            file.unlink()


StartDovecot = Callable[[Options], Dovecot]


def _mail_owner() -> tuple[int, int]:
    """Dovecot does not let root own mail."""
    if os.getuid() != 0:
        return os.getuid(), os.getgid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Gives the server's other processes a moment to write what they hold, and ends those that stay."""
    deadline = time.monotonic() + 0.3
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(5)
