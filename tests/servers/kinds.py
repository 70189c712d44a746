"""A mailbox of each kind, with what its guests and its provider do to it."""

import os
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from typing import Protocol

from shared.mailbox.graph.marks import COMPLETE, STATE
from tests.servers.dovecot import Dovecot
from tests.servers.faults import Outcome, dropped, server_error, throttled
from tests.servers.gmail_person import raw_of
from tests.servers.google import Google
from tests.servers.graph import GraphServer
from tests.servers.graph import faults as graph_faults
from tests.servers.graph.faults import Fault
from tests.servers.graph.query import canonical
from tests.servers.graph.tenant import Message
from tests.servers.owner import drafts

UNFINISHED = "unfinished "

Mischief = list[Callable[[], None]]


class Kind(Protocol):
    """`mischief` is what goes wrong, one after the other; `unmet` how much of that nobody has noticed yet."""

    address: str

    def deliver(self, mail: bytes) -> None: ...

    def answered(self) -> Counter[str]:
        """How many drafts answer which Message-ID."""
        ...

    def drafts(self) -> int:
        """How many are finished, at little cost."""
        ...

    def mischief(self) -> Mischief: ...

    def unmet(self) -> int: ...


class OnImap:
    def __init__(self, dovecot: Dovecot, user: str) -> None:
        self._dovecot = dovecot
        self.user = user
        self.address = f"{user}@hotel-seeblick.example"

    def deliver(self, mail: bytes) -> None:
        self._dovecot.deliver(self.user, mail)

    def answered(self) -> Counter[str]:
        return Counter(str(draft["In-Reply-To"]).strip() for draft in drafts(self._dovecot, self.user))

    def drafts(self) -> int:
        folders = (self._dovecot.maildir(self.user) / ".Drafts" / part for part in ("cur", "new"))
        return sum(len(os.listdir(folder)) for folder in folders if folder.exists())

    def mischief(self) -> Mischief:
        return [self._dovecot.restart, self._dovecot.restart]

    def unmet(self) -> int:
        return 0


class OnGmail:
    def __init__(self, google: Google, address: str) -> None:
        self._person = google.person(address)
        self._gateway = google.google
        self.address = address

    def deliver(self, mail: bytes) -> None:
        self._person.deliver(mail)

    def answered(self) -> Counter[str]:
        found = (message_from_bytes(raw_of(draft["message"])) for draft in self._person.drafts())
        return Counter(str(draft["In-Reply-To"]).strip() for draft in found)

    def drafts(self) -> int:
        return self._person.draft_count()

    def mischief(self) -> Mischief:
        faults = self._gateway.faults
        return [
            lambda: faults.plan("POST", "/drafts$", server_error(carried_out=True)),
            lambda: faults.plan("GET", "/history$", throttled(2)),
            lambda: faults.plan("POST", "/drafts$", dropped(carried_out=True)),
            self._person.forget_history,
            lambda: self._trouble_at_the_log_in(server_error()),
            lambda: faults.plan("GET", "/messages/", server_error(), times=2),
            lambda: faults.plan("POST", "/drafts$", throttled(2)),
            lambda: faults.plan("POST", "/drafts$", server_error(502, carried_out=True)),
            lambda: self._trouble_at_the_log_in(throttled(1)),
            lambda: faults.plan("POST", "/drafts$", dropped()),
            lambda: faults.plan("GET", "/threads/", dropped(), times=2),
        ]

    def unmet(self) -> int:
        return self._gateway.faults.unmet()

    def _trouble_at_the_log_in(self, outcome: Outcome) -> None:
        self._gateway.faults.plan("POST", "/token$", outcome)
        self._gateway.expire(self.address)


class OnGraph:
    def __init__(self, graph: GraphServer, google: Google, address: str) -> None:
        self._graph = graph
        self._log_in = google.microsoft
        self._user = graph.a_user(address)
        self.address = address

    def deliver(self, mail: bytes) -> None:
        self._graph.deliver(self._user, mail)

    def answered(self) -> Counter[str]:
        return Counter(("" if _is_complete(draft) else UNFINISHED) + draft.answers for draft in self._drafts())

    def drafts(self) -> int:
        return sum(map(_is_complete, self._drafts()))

    def mischief(self) -> Mischief:
        fail, reply, change = self._graph.fail, "/createReply$", "/messages/[^/]+$"
        return [
            lambda: fail(Fault("POST", reply, 503, after=True)),
            lambda: fail(graph_faults.throttled(2, path="/delta")),
            lambda: fail(graph_faults.broken(method="POST", path=reply, after=True)),
            self._graph.lose_deltas,
            lambda: self._trouble_at_the_log_in(server_error()),
            lambda: fail(Fault("PATCH", change, 504, "GatewayTimeout", after=True, times=2)),
            lambda: fail(graph_faults.throttled(2, method="POST", path=reply)),
            lambda: fail(graph_faults.broken(method="PATCH", path=change, times=2)),
            lambda: self._trouble_at_the_log_in(throttled(1)),
            lambda: fail(Fault("POST", reply, 500, "InternalServerError", after=True)),
            lambda: fail(graph_faults.broken(method="GET", path="value$", times=2)),
        ]

    def unmet(self) -> int:
        return self._graph.unmet() + self._log_in.faults.unmet()

    def _drafts(self) -> list[Message]:
        return self._graph.drafts(self._user)

    def _trouble_at_the_log_in(self, outcome: Outcome) -> None:
        self._log_in.faults.plan("POST", "/token$", outcome)
        self._log_in.expire(self.address)


def _is_complete(draft: Message) -> bool:
    state = canonical(STATE)
    return any(canonical(name) == state and value == COMPLETE for name, value in draft.extended.items())
