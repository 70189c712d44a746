"""The contract suite's mailbox on the fake of Microsoft Graph."""

from collections.abc import Iterator
from datetime import datetime

from shared.config import GraphAccount
from shared.errors import AuthError
from shared.mailbox.graph import open_draft_store, open_watch
from shared.mailbox.protocol import DraftStore, Watch
from shared.mailbox.push import Push
from tests.contract.harness import Opened, Stored
from tests.servers.graph import GraphServer
from tests.servers.graph.faults import Fault, throttled
from tests.servers.graph.tenant import Message


class Tokens:
    """A user's access tokens, as config-api gives them out."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.revoked = False

    async def get(self) -> str:
        if self.revoked:
            raise AuthError("access_revoked")
        return self._token

    def refused(self, token: str) -> None:
        """The next one happens to be the same."""


class GraphMailbox(Opened):
    polled = 0.5
    bare_listing = True

    def __init__(self, server: GraphServer) -> None:
        super().__init__()
        self.server = server
        self.user = server.a_user("hotel@example.org")
        self.tokens = Tokens(server.token(self.user))

    async def watch(self, folder: str = "INBOX") -> Watch:
        watch = await open_watch(
            GraphAccount(),
            folder,
            tokens=self.tokens,
            push=Push(),
            url=self.server.url,
            poll_seconds=self.polled,
        )
        return self.keep(watch)

    async def drafts(self) -> DraftStore:
        return self.keep(await open_draft_store(GraphAccount(), tokens=self.tokens, url=self.server.url))

    async def deliver(self, message: bytes, received: datetime | None = None) -> None:
        self.server.deliver(self.user, message, received)

    async def stored(self, folder: str = "INBOX") -> list[Stored]:
        return [self._stored(message) for message in self.server.messages(self.user, folder)]

    async def saved(self) -> list[Stored]:
        return await self.stored("drafts")

    async def create(self, folder: str) -> None:
        self.server.a_folder(self.user, folder)

    async def move(self, index: int, folder: str, *, source: str = "INBOX") -> None:
        self.server.move(self.user, self._message(index, source), folder)

    async def read_and_answer(self, index: int) -> None:
        message = self._message(index)
        self.server.edit(self.user, message, isRead=True)
        message.extended["Integer 0x1081"] = "102"

    async def delete(self, index: int) -> None:
        self.server.delete(self.user, self._message(index))

    async def edit_draft(self, index: int, message: bytes) -> None:
        self.server.replace_draft(self.user, self._message(index, "drafts"), message)

    async def lose_cursor(self) -> None:
        self.server.lose_deltas()

    async def revoke(self) -> None:
        self.tokens.revoked = True

    def throttle(self, seconds: int) -> None:
        self.server.fail(throttled(seconds))

    def refuse_token(self) -> None:
        self.server.fail(Fault(status=401, code="InvalidAuthenticationToken"))

    def fail_reading(self) -> None:
        self.server.fail(Fault(method="GET", status=500))

    def fail_writing(self, *, carried_out: bool, answered: bool) -> None:
        self.server.fail(Fault(method="POST", path="createReply", status=500 if answered else 0, after=carried_out))

    def requests(self) -> int:
        return self.server.requests.total()

    def _message(self, index: int, folder: str = "INBOX") -> Message:
        return self.server.messages(self.user, folder)[index]

    def _stored(self, message: Message) -> Stored:
        return Stored(frozenset(_flags(message)), self.server.raw(message))


def _flags(message: Message) -> Iterator[str]:
    if message.properties["isRead"]:
        yield "\\Seen"
    if message.properties["isDraft"]:
        yield "\\Draft"
