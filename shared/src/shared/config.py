"""What the services know of organisations, assistants and mailboxes: the internal API's answers.

config-api serves these, the other services read them through `shared.config_client`.
"""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, SecretStr, field_validator

from shared.events import Outcome
from shared.mail import Frozen

Language = Literal["de", "en"]


class Assistant(Frozen):
    """An assistant's settings. `active` is False when it is switched off, or the organisation is paused.

    `languages` are those it writes, at least one; mail in any other is answered in the first of them.
    Its organisation's plan ends at `active_until`, None where no end is in sight. `paused_until` is when it goes on by
    itself, after a limit was reached; `paused_reason` says which.
    """

    id: UUID
    organisation_id: UUID
    revision: int
    knowledge_revision: int
    name: str
    organisation_name: str
    active: bool
    instructions: str = ""
    form_of_address: Literal["sie", "du", "thread"] = "sie"
    signature: str = ""
    languages: tuple[Language, ...] = ("de", "en")
    extractive_fallback: bool = True
    reply_all: bool = False
    active_until: datetime | None = None
    paused_until: datetime | None = None
    paused_reason: str = ""

    def is_on(self, at: datetime) -> bool:
        """Whether its mailboxes are watched: also while it pauses, so that what arrives gets its reason."""
        return self.active and (self.active_until is None or at < self.active_until)

    def why_off(self, at: datetime) -> str:
        """Why it drafts nothing at that moment, as a message's reason; empty where it drafts."""
        if not self.active:
            return "switched_off"
        if not self.is_on(at):
            return "plan_ended"
        paused = self.paused_until is not None and at < self.paused_until
        return (self.paused_reason or "switched_off") if paused else ""


class ImapAccount(Frozen):
    """`security`: `tls` from the first byte (port 993), `starttls`, or `none` for loopback only."""

    kind: Literal["imap"] = "imap"
    host: str
    port: int
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str
    password: SecretStr


class GmailAccount(Frozen):
    """A Google account. Access tokens are asked for when they are needed (`shared.mailbox.tokens`)."""

    kind: Literal["gmail"] = "gmail"


class GraphAccount(Frozen):
    """A Microsoft 365 account. `user` is the address or id of a team's mailbox, empty for the person's own."""

    kind: Literal["graph"] = "graph"
    user: str = ""


Account = Annotated[ImapAccount | GmailAccount | GraphAccount, Field(discriminator="kind")]
PROVIDERS = ("imap", "gmail", "graph")


class Mailbox(Frozen):
    """A mailbox and how to reach it. `active` is its own switch; the assistant's comes on top.

    Mail that arrived before `watch_since` gets no draft. `drafts_folder` is the owner's choice, empty to find it.
    """

    id: UUID
    organisation_id: UUID
    assistant_id: UUID
    revision: int
    address: str
    aliases: tuple[str, ...] = ()
    active: bool
    watch_since: datetime
    time_zone: str = "Europe/Berlin"
    folder: str = "INBOX"
    drafts_folder: str = ""
    account: Account

    @field_validator("watch_since")
    @classmethod
    def _whole_seconds(cls, moment: datetime) -> datetime:
        """INTERNALDATE is no finer (RFC 9051, 2.3.3): a mail of this very second has not arrived before it."""
        return moment.replace(microsecond=0)


class ConfigDelta(Frozen):
    """Everything that changed after the asked-for revision. `deleted` lists ids of assistants and mailboxes."""

    revision: int
    assistants: tuple[Assistant, ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()
    deleted: tuple[UUID, ...] = ()


class KnowledgeEntry(Frozen):
    """One thing the organisation knows. `examples` are further ways in which customers asked for it."""

    id: UUID
    question: str
    answer: str
    examples: tuple[str, ...] = ()
    language: str = "de"
    tags: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None


class KnowledgeSnapshot(Frozen):
    """An assistant's whole knowledge at one revision."""

    assistant_id: UUID
    knowledge_revision: int
    entries: tuple[KnowledgeEntry, ...]


class AccessToken(Frozen):
    """A token for one mailbox at its provider (RFC 6749, 1.4), from half of whose life on another one can be had."""

    token: SecretStr
    renew_at: datetime
    expires_at: datetime


class Settlement(Frozen):
    """How a message ended, as `shared.events.MessageSettled` told it; `outcome` is None where nobody has yet."""

    outcome: Outcome | None = None
    reason: str = ""


class ContentKey(Frozen):
    """A data key of one hour (AES-256, base64url), usable for sealing from `valid_from` until `valid_until`.

    It opens what it sealed until config-api destroys it.
    """

    id: UUID
    valid_from: datetime
    valid_until: datetime
    key: SecretStr
