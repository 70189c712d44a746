"""Google and Microsoft for tests: the npm package `emulate` with a gateway before each service.

Google: log-in with its consent page, PKCE, refresh and revocation, and Gmail. Microsoft: Entra's log-in; its Graph has
no mail.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from tests.servers.dovecot import end_group
from tests.servers.entra_gateway import EntraGateway
from tests.servers.gmail_person import GmailPerson
from tests.servers.google_gateway import GoogleGateway, seeded
from tests.servers.mail_server import HOST, free_ports

PEOPLE = ("anna@hotel-seeblick.example", "bernd@hotel-seeblick.example", "info@hotel-seeblick.example")
"""Who may log in."""
CLIENT_ID = "kinamik.apps.example"
CLIENT_SECRET = "the operator's secret"
REDIRECTS = ("http://127.0.0.1/callback", "http://localhost/callback")

_PROJECT = Path(__file__).parent / "emulate"


def node_binary() -> str | None:
    """The environment's Node.js, else the machine's."""
    return shutil.which("node", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")


def emulate_available() -> str | None:
    """None where the emulator can run, otherwise what is missing."""
    node = node_binary()
    if node is None:
        return "no Node.js"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0] or 0) < 22:
        return f"Node.js 22 is needed, this is {version}"
    return None if (_PROJECT / "node_modules" / "emulate").is_dir() else f"run `npm ci` in {_PROJECT.name}"


def require_emulate() -> None:
    """Skips the test by name where the emulator cannot run; fails instead where KINAMIK_REQUIRE_ALL=1."""
    missing = emulate_available()
    if missing and os.environ.get("KINAMIK_REQUIRE_ALL") == "1":
        pytest.fail(f"emulate: {missing}", pytrace=False)
    if missing:
        pytest.skip(f"emulate: {missing}")


class Google:
    """`google` and `microsoft` are what clients speak to. `people` may log in; beside them there are `mailboxes`
    mailboxes for tests that take one each and are given a token. `redirects` are where a log-in may lead back to;
    the emulator compares them without their query.

    Use it as a context manager, or call `start` and `stop`; a stopped one has forgotten everything.
    """

    def __init__(
        self, people: Sequence[str] = PEOPLE, redirects: Sequence[str] = REDIRECTS, *, mailboxes: int = 200
    ) -> None:
        google, microsoft, *before = free_ports(4)
        self._ports = {"google": google, "microsoft": microsoft}
        self._upstream = f"http://{HOST}:{google}"
        self.google = GoogleGateway(before[0], self._upstream)
        self.microsoft = EntraGateway(before[1], f"http://{HOST}:{microsoft}")
        self._numbers = count()
        self._people, self._redirects = list(people), list(redirects)
        self._mailboxes = [f"mailbox{number}@hotel-seeblick.example" for number in range(mailboxes)]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Google":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns once both services answer, after about half a second."""
        node = node_binary()
        assert node is not None
        self._process = subprocess.Popen(
            [node, "start.mjs"],
            cwd=_PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"seed": self._seed(), "services": self._services()}) + "\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "ready\n":
            self.stop()
            raise RuntimeError("the emulator has not started")
        self.google.start()
        self.microsoft.start()

    def stop(self) -> None:
        self.google.stop()
        self.microsoft.stop()
        if self._process is None:
            return
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        end_group(self._process)
        self._process.stdout.close()
        self._process = None

    def person(self, email: str = "") -> GmailPerson:
        """Somebody in front of Gmail: who is named, or the next with a mailbox of their own."""
        return GmailPerson(email or self._mailboxes[next(self._numbers)], self._upstream, self.google)

    def _services(self) -> dict[str, object]:
        gateways = {"google": self.google, "microsoft": self.microsoft}
        return {name: {"port": port, "baseUrl": gateways[name].url} for name, port in self._ports.items()}

    def _seed(self) -> dict[str, object]:
        users = [{"email": email, "name": email.partition("@")[0].title()} for email in self._people]
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "name": "Kinamik"}
        service = {"users": users, "oauth_clients": [client | {"redirect_uris": self._redirects}]}
        everybody = [*self._people, *self._mailboxes]
        tokens = {token: {"login": email, "scopes": []} for email in everybody for token in seeded(email)}
        return {"tokens": tokens, "google": service, "microsoft": service}
