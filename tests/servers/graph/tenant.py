"""Users with their folders and messages, and what changed when."""

import secrets
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.servers.graph.mime import Json, in_reply_to, preview, properties_of, stamp

WELL_KNOWN = {
    "inbox": "Posteingang",
    "drafts": "Entwürfe",
    "sentitems": "Gesendete Elemente",
    "deleteditems": "Gelöschte Elemente",
    "junkemail": "Junk-E-Mail",
    "archive": "Archiv",
}

# What a change of these does not count as in `changed`: a delta tells it only to who selected it.
QUIET = {"isRead"}


def an_id(length: int = 140) -> str:
    """As Exchange's: long, of letters, digits, - and _, with = at the end."""
    return f"AAMk{secrets.token_urlsafe(length)[: length - 5]}="


@dataclass(eq=False)
class Folder:
    name: str
    well_known: str = ""
    id: str = field(default_factory=an_id)
    parent: str = ""
    """The folder's id; empty for one at the top."""
    left: dict[str, int] = field(default_factory=dict[str, int])
    """By message: when it was last taken away."""


@dataclass(eq=False)
class Message:
    """`key` is the immutable id, `id` the one that changes when it is moved. `answers` is a Message-ID, and `verb` what
    the message with that one will have been once this is sent: 102 for replied to, 103 for replied to all."""

    folder: Folder
    properties: Json
    raw: bytes = b""
    answers: str = ""
    verb: str = ""
    key: str = field(default_factory=an_id)
    id: str = field(default_factory=an_id)
    extended: dict[str, str] = field(default_factory=dict[str, str])
    entered: int = 0
    changed: int = 0
    read_changed: int = 0

    @property
    def etag(self) -> str:
        return f'W/"{self.properties["changeKey"]}"'


@dataclass(eq=False)
class User:
    address: str
    name: str
    id: str = field(default_factory=lambda: str(uuid4()))
    folders: list[Folder] = field(default_factory=lambda: [Folder(name, known) for known, name in WELL_KNOWN.items()])
    messages: dict[str, Message] = field(default_factory=dict[str, Message])
    by_id: dict[str, Message] = field(default_factory=dict[str, Message])
    clock: int = 0

    def folder(self, name: str) -> Folder | None:
        """By id, or by well-known name, which knows no upper case."""
        for folder in self.folders:
            if name == folder.id or name.lower() == folder.well_known:
                return folder
        return None

    def message(self, message_id: str) -> Message | None:
        """By either of its ids."""
        return self.messages.get(message_id) or self.by_id.get(message_id)

    def within(self, folder: Folder) -> Iterator[Message]:
        return (message for message in self.messages.values() if message.folder is folder)

    def tick(self) -> int:
        self.clock += 1
        return self.clock


Changed = Callable[[User, Message, str], None]


class Tenant:
    """All methods are to be called with `lock` held, which a server and a test share."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.id = str(uuid4())
        self.users: list[User] = []
        self.told: list[Changed] = []

    def user(self, name: str) -> User | None:
        """By id or address; of two with one address, the one that was made last."""
        return next((user for user in reversed(self.users) if name.lower() in (user.id, user.address.lower())), None)

    def deliver(self, user: User, folder: Folder, raw: bytes, received: datetime) -> Message:
        message = Message(folder, _complete(properties_of(raw, received), is_draft=False), raw, in_reply_to(raw))
        self.add(user, message)
        return message

    def add(self, user: User, message: Message) -> None:
        message.properties["parentFolderId"] = message.folder.id
        user.messages[message.key] = user.by_id[message.id] = message
        message.entered = user.tick()
        self._changed(user, message, "created")

    def change(self, user: User, message: Message, later: timedelta = timedelta(), **properties: object) -> None:
        """`later` is how long after now it happens."""
        message.properties |= properties
        if "body" in properties:
            message.properties["bodyPreview"] = preview(message.properties["body"]["content"])
        if set(properties) <= QUIET:
            message.read_changed = user.tick()
        else:
            message.changed = user.tick()
            message.properties["lastModifiedDateTime"] = stamp(datetime.now(UTC) + later)
        message.properties["changeKey"] = secrets.token_urlsafe(30)
        self._changed(user, message, "updated")

    def move(self, user: User, message: Message, folder: Folder) -> None:
        message.folder.left[message.key] = user.tick()
        del user.by_id[message.id]
        message.folder, message.id = folder, an_id()
        self.add(user, message)

    def delete(self, user: User, message: Message) -> None:
        message.folder.left[message.key] = user.tick()
        del user.by_id[message.id], user.messages[message.key]
        self._changed(user, message, "deleted")

    def _changed(self, user: User, message: Message, how: str) -> None:
        for tell in self.told:
            tell(user, message, how)


def a_draft(folder: Folder, **properties: object) -> Message:
    now = stamp(datetime.now(UTC))
    basis: Json = {
        "receivedDateTime": now,
        "sentDateTime": now,
        "hasAttachments": False,
        "internetMessageId": f"<{secrets.token_hex(16)}@graph.invalid>",
        "subject": "",
        "bodyPreview": "",
        "body": {"contentType": "html", "content": ""},
        "sender": None,
        "from": None,
        "toRecipients": [],
        "ccRecipients": [],
        "bccRecipients": [],
        "replyTo": [],
        "internetMessageHeaders": [],
    }
    return Message(folder, _complete(basis | properties, is_draft=True))


def _complete(properties: Json, *, is_draft: bool) -> Json:
    now = stamp(datetime.now(UTC))
    basis = {
        "createdDateTime": now,
        "lastModifiedDateTime": now,
        "changeKey": secrets.token_urlsafe(30),
        "categories": [],
        "importance": "normal",
        "conversationId": an_id(72),
        "conversationIndex": b64encode(secrets.token_bytes(22)).decode(),
        "isDeliveryReceiptRequested": None if is_draft else False,
        "isReadReceiptRequested": False,
        "isRead": is_draft,
        "isDraft": is_draft,
        "webLink": "https://outlook.office365.com/owa/?viewmodel=ReadMessageItem",
        "inferenceClassification": "focused",
        "flag": {"flagStatus": "notFlagged"},
    }
    return basis | properties
