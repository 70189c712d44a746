"""Fixtures for mail servers. A server that is missing is a skip by name, a failure where KINAMIK_REQUIRE_ALL=1."""

import os
from collections.abc import Iterator

import pytest

from tests.servers import connecting
from tests.servers.connecting import Accounts
from tests.servers.dovecot import Dovecot, StartDovecot, dovecot_available
from tests.servers.dovecot_config import Options
from tests.servers.google import Google, require_emulate
from tests.servers.graph import GraphServer
from tests.servers.pymap_server import Pymap


def require_dovecot() -> None:
    """Skips the test by name where Dovecot cannot run; fails instead where KINAMIK_REQUIRE_ALL=1."""
    missing = dovecot_available()
    if missing and os.environ.get("KINAMIK_REQUIRE_ALL") == "1":
        pytest.fail(f"Dovecot: {missing}", pytrace=False)
    if missing:
        pytest.skip(f"Dovecot: {missing}")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A Dovecot for all tests that need nothing special of it; each test takes users of its own."""
    require_dovecot()
    with Dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def bare_dovecot() -> Iterator[Dovecot]:
    """As `dovecot`, but nobody has a Drafts folder yet."""
    require_dovecot()
    with Dovecot(Options(drafts="")) as server:
        yield server


@pytest.fixture
def start_dovecot() -> Iterator[StartDovecot]:
    """Starts Dovecots with options of the test's own; they end with the test."""
    require_dovecot()
    servers: list[Dovecot] = []

    def start(options: Options) -> Dovecot:
        servers.append(Dovecot(options))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def pymap() -> Iterator[Pymap]:
    """A pymap of the test's own: it knows one user only."""
    with Pymap() as server:
        yield server


@pytest.fixture(scope="session")
def graph_server() -> Iterator[GraphServer]:
    with GraphServer() as server:
        yield server


@pytest.fixture
def graph(graph_server: GraphServer) -> Iterator[GraphServer]:
    """The fake of Microsoft Graph; each test takes users of its own. Its answers have to be as the schema has them."""
    graph_server.begin()
    yield graph_server
    violations = graph_server.violations.copy()
    graph_server.violations.clear()
    assert not violations


@pytest.fixture(scope="session")
def shared_google() -> Iterator[Google]:
    require_emulate()
    with Google() as server:
        yield server


@pytest.fixture
def google(shared_google: Google) -> Google:
    """Google and Microsoft for all tests, without any faults left; each test takes a person of its own."""
    shared_google.google.faults.clear()
    shared_google.google.gmail.page = 500
    shared_google.microsoft.faults.clear()
    return shared_google


@pytest.fixture(scope="session")
def shared_accounts(graph_server: GraphServer) -> Iterator[Accounts]:
    require_emulate()
    with Google(connecting.PEOPLE, [connecting.CALLBACK], mailboxes=0) as google:
        accounts = Accounts(google, graph_server)
        google.microsoft.issued = accounts.issued
        yield accounts


@pytest.fixture
def accounts(shared_accounts: Accounts, graph: GraphServer) -> Accounts:
    """Without any faults left."""
    for gateway in (shared_accounts.google.google, shared_accounts.google.microsoft):
        gateway.faults.clear()
    shared_accounts.google.google.withheld.clear()
    shared_accounts.google.google.lifetime = 3599
    return shared_accounts
