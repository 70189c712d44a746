"""The contract suite's mailbox on the emulated Gmail."""

from datetime import datetime

from shared.config import GmailAccount
from shared.errors import AuthError
from shared.mailbox.gmail import open_draft_store, open_watch
from shared.mailbox.protocol import DraftStore, Watch
from shared.mailbox.push import Push
from tests.contract.harness import Opened, Stored
from tests.servers.faults import dropped, server_error, throttled, unauthorised
from tests.servers.gmail_person import GmailPerson, raw_of
from tests.servers.google import Google

FLAGS = {"DRAFT": "\\Draft", "SPAM": "$Junk"}


class Tokens:
    """A user's access tokens, as config-api gives them out."""

    def __init__(self, google: Google, email: str) -> None:
        self._google = google
        self._email = email
        self._token = ""
        self.revoked = False

    async def get(self) -> str:
        if self.revoked:
            raise AuthError("access_revoked")
        self._token = self._token or self._google.google.issue(self._email)
        return self._token

    def refused(self, token: str) -> None:
        if token == self._token:
            self._token = ""


class GmailMailbox(Opened):
    """`push` is that of all its watches."""

    polled = 0.5

    def __init__(self, google: Google) -> None:
        super().__init__()
        self.google = google
        self.faults = google.google.faults
        self.person: GmailPerson = google.person()
        self.tokens = Tokens(google, self.person.email)
        self.push = Push()

    async def watch(self, folder: str = "INBOX", *, limit: int = 500, topic: str = "") -> Watch:
        watch = await open_watch(
            GmailAccount(),
            folder,
            tokens=self.tokens,
            url=self.google.google.url,
            push=self.push,
            poll_seconds=self.polled,
            limit=limit,
            topic=topic,
        )
        return self.keep(watch)

    async def drafts(self) -> DraftStore:
        return self.keep(await open_draft_store(GmailAccount(), tokens=self.tokens, url=self.google.google.url))

    async def deliver(self, message: bytes, received: datetime | None = None) -> None:
        self.person.deliver(message, received)

    async def stored(self, folder: str = "INBOX") -> list[Stored]:
        return [_stored(message) for message in self.person.messages(self.person.label_id(folder))]

    async def saved(self) -> list[Stored]:
        return [_stored(draft["message"]) for draft in self.person.drafts()]

    async def create(self, folder: str) -> None:
        self.person.label(folder)

    async def move(self, index: int, folder: str, *, source: str = "INBOX") -> None:
        person = self.person
        message = self._id(index, source)
        person.relabel(message, add=(person.label_id(folder),), remove=(person.label_id(source),))

    async def read_and_answer(self, index: int) -> None:
        message = self.person.message(self._id(index))
        self.person.relabel(message["id"], remove=("UNREAD",))
        self.person.answer(message["threadId"])

    async def delete(self, index: int) -> None:
        self.person.delete(self._id(index))

    async def edit_draft(self, index: int, message: bytes) -> None:
        self.person.edit_draft(self.person.drafts()[index]["id"], message)

    async def lose_cursor(self) -> None:
        self.person.forget_history()

    async def revoke(self) -> None:
        self.person.revoke()
        self.tokens.revoked = True

    def throttle(self, seconds: int) -> None:
        self.faults.plan("", "", throttled(seconds), user=self.person.email)

    def refuse_token(self) -> None:
        self.faults.plan("", "", unauthorised(), user=self.person.email)

    def fail_reading(self) -> None:
        self.faults.plan("GET", "", server_error(), user=self.person.email)

    def fail_writing(self, *, carried_out: bool, answered: bool) -> None:
        fault = server_error if answered else dropped
        self.faults.plan("POST", "/drafts$", fault(carried_out=carried_out))

    def requests(self) -> int:
        return self.faults.asked.total()

    def _id(self, index: int, folder: str = "INBOX") -> str:
        return str(self.person.messages(self.person.label_id(folder))[index]["id"])


def _stored(message: dict[str, object]) -> Stored:
    labels = message["labelIds"]
    assert isinstance(labels, list)
    flags = {FLAGS[label] for label in labels if label in FLAGS}
    return Stored(frozenset(flags if "UNREAD" in labels else flags | {"\\Seen"}), raw_of(message))
