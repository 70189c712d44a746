"""Every mailbox that the contract suite runs on. Another provider is another line in `OPEN`."""

from collections.abc import AsyncGenerator, Callable
from itertools import count

import pytest

from tests.contract.gmail import GmailMailbox
from tests.contract.graph import GraphMailbox
from tests.contract.harness import Mailbox, Remote
from tests.contract.imap import ImapMailbox
from tests.servers.dovecot import Dovecot
from tests.servers.pymap_server import USER, Pymap

_users = count()


def _on_pymap(request: pytest.FixtureRequest) -> ImapMailbox:
    pymap: Pymap = request.getfixturevalue("pymap")
    return ImapMailbox(pymap, USER, pymap.restart)


def _on_dovecot(request: pytest.FixtureRequest) -> ImapMailbox:
    dovecot: Dovecot = request.getfixturevalue("bare_dovecot")
    user = f"user{next(_users)}"
    return ImapMailbox(dovecot, user, lambda: dovecot.change_uidvalidity(user))


def _on_gmail(request: pytest.FixtureRequest) -> GmailMailbox:
    return GmailMailbox(request.getfixturevalue("google"))


def _on_graph(request: pytest.FixtureRequest) -> GraphMailbox:
    return GraphMailbox(request.getfixturevalue("graph"))


ON_IMAP: dict[str, Callable[[pytest.FixtureRequest], ImapMailbox]] = {"pymap": _on_pymap, "dovecot": _on_dovecot}
REMOTE: dict[str, Callable[[pytest.FixtureRequest], Remote]] = {"gmail": _on_gmail, "graph": _on_graph}
OPEN: dict[str, Callable[[pytest.FixtureRequest], Mailbox]] = {**ON_IMAP, **REMOTE}


@pytest.fixture(params=OPEN)
async def mailbox(request: pytest.FixtureRequest) -> AsyncGenerator[Mailbox]:
    opened = OPEN[request.param](request)
    yield opened
    await opened.close()


@pytest.fixture(params=REMOTE)
async def remote(request: pytest.FixtureRequest) -> AsyncGenerator[Remote]:
    opened = REMOTE[request.param](request)
    yield opened
    await opened.close()


@pytest.fixture(params=ON_IMAP)
async def imap_mailbox(request: pytest.FixtureRequest) -> AsyncGenerator[ImapMailbox]:
    opened = ON_IMAP[request.param](request)
    yield opened
    await opened.close()
