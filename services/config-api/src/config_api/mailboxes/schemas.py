from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Discriminator, Field, SecretStr, Tag

from config_api.fields import Flag, Host, Line, MailAddress, Moment, Name, Port, TimeZone, unset
from config_api.mailboxes.discovery.providers import Authentication, NoteCode
from config_api.mailboxes.discovery.search import Source
from config_api.models import Mailbox, now
from shared.events import MailboxStatus
from shared.mailbox.imap.check import CheckStep

Security = Literal["tls", "starttls", "none"]
Aliases = Annotated[list[MailAddress], Field(max_length=100)]
Password = Annotated[SecretStr, Field(min_length=1, max_length=1000)]


class ImapCreate(BaseModel):
    host: Host
    port: Port = 993
    security: Security = "tls"
    username: Name
    password: Password


class ImapUpdate(BaseModel):
    """Whoever names another server, port, security or user has to name the password again."""

    host: Host = Field(default_factory=unset)
    port: Port = Field(default_factory=unset)
    security: Security = Field(default_factory=unset)
    username: Name = Field(default_factory=unset)
    password: Password = Field(default_factory=unset)


class ImapPublic(BaseModel):
    host: str
    port: int
    security: Security
    username: str


class MailboxCreate(BaseModel):
    """Mail that arrived before `watch_since` (now, unless given) gets no draft."""

    assistant_id: UUID
    address: MailAddress
    aliases: Aliases = []
    active: Flag = True
    watch_since: Moment = Field(default_factory=now)
    time_zone: TimeZone = "Europe/Berlin"
    folder: Name = "INBOX"
    drafts_folder: Line = ""
    imap: ImapCreate


class MailboxUpdate(BaseModel):
    assistant_id: UUID = Field(default_factory=unset)
    address: MailAddress = Field(default_factory=unset)
    aliases: Aliases = Field(default_factory=unset)
    active: Flag = Field(default_factory=unset)
    watch_since: Moment = Field(default_factory=unset)
    time_zone: TimeZone = Field(default_factory=unset)
    folder: Name = Field(default_factory=unset)
    drafts_folder: Line = Field(default_factory=unset)
    imap: ImapUpdate = Field(default_factory=unset)


class MailboxPublic(BaseModel):
    """`status` is null until ingest has first tried; `last_proof_at` is when the server last answered in full.

    `provider` says how it is reached; `imap` is null for the others. `team_mailbox` is a shared one in Microsoft 365.
    """

    id: UUID
    organisation_id: UUID
    assistant_id: UUID
    provider: Literal["imap", "gmail", "graph"]
    address: str
    aliases: list[str]
    active: bool
    watch_since: datetime
    time_zone: str
    folder: str
    drafts_folder: str
    imap: ImapPublic | None
    team_mailbox: str
    status: MailboxStatus | None
    status_reason: str
    last_proof_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, mailbox: Mailbox) -> Self:
        imap = {name: getattr(mailbox, f"imap_{name}") for name in ImapPublic.model_fields}
        if mailbox.provider != "imap":
            imap = None
        return cls.model_validate(mailbox.model_dump() | {"imap": imap})


class DiscoveryRequest(BaseModel):
    address: MailAddress


class Note(BaseModel):
    """What one has to know about a provider; `text` is in the caller's language."""

    code: NoteCode
    text: str


class Candidate(BaseModel):
    """A way in. `source`: our own table of providers, the domain's autoconfig file, its SRV records, or its MX.

    `authentication` says what is to be entered as the password: the ordinary one, one made for mail programs, or
    none, because only OAuth gets in. `connect` is by which provider it can be connected with two clicks instead.
    """

    source: Source
    provider: str
    imap: ImapPublic
    authentication: Authentication
    connect: Literal["gmail", "graph"] | None
    notes: list[Note]
    help_url: str


class Candidates(BaseModel):
    """The best first; none where nothing is known of the domain."""

    items: list[Candidate]


class NewMailboxTest(BaseModel):
    """Settings that are not stored yet."""

    imap: ImapCreate
    folder: Name = "INBOX"
    drafts_folder: Line = ""


class StoredMailboxTest(BaseModel):
    """A mailbox as it is stored, with what is given here tried out instead."""

    mailbox_id: UUID
    imap: ImapUpdate = ImapUpdate()
    folder: Name = Field(default_factory=unset)
    drafts_folder: Line = Field(default_factory=unset)


def _kind(value: Any) -> str:
    named = "mailbox_id" in value if isinstance(value, dict) else hasattr(value, "mailbox_id")
    return "stored" if named else "new"


MailboxTest = Annotated[
    Annotated[NewMailboxTest, Tag("new")] | Annotated[StoredMailboxTest, Tag("stored")], Discriminator(_kind)
]


class TestStep(BaseModel):
    step: CheckStep
    ok: bool


class TestResult(BaseModel):
    """`steps` are in the order in which they were taken; the last one is where it went wrong unless it is `ok`.

    `reason` is a fixed word, empty where all is well, and `detail` says of a certificate what is wrong with it.
    `sentence` and `advice` say the same to a person. `messages` counts those in the folder; `drafts_folder` is empty
    where it does not exist yet, and will be created with the first draft.
    """

    ok: bool
    steps: list[TestStep]
    reason: str
    detail: str
    sentence: str
    advice: str
    notes: list[Note]
    messages: int | None
    drafts_folder: str


class LastUnanswered(BaseModel):
    """The newest mail that waits for an answer. A mailbox that is watched since `watch_since` gets a draft for it."""

    received_at: datetime
    watch_since: datetime
    from_name: str
    subject: str
    body_text: str
