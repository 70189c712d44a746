"""The tables of schema `config`. Row-level security is in the migrations, below everything here."""

import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, Index, MetaData, String, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

SCHEMA = "config"

Timestamp = DateTime(timezone=True)


def now() -> datetime:
    return datetime.now(UTC)


class Base(SQLModel):
    # Both are as SQLModel documents them; its types are narrower.
    metadata = MetaData(schema=SCHEMA)  # pyright: ignore[reportIncompatibleVariableOverride]

    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Record(Base):
    """What an organisation owns. A deleted row stays as a tombstone, without what was secret in it."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    updated_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    deleted_at: datetime | None = Field(default=None, sa_type=Timestamp)


class Organisation(Record, table=True):
    """`restricted_at` is since when its data may only be kept (GDPR, article 18): then nothing is worked on.

    Nor is it once it is to be erased, at `erase_at`. Erased, it stays as a bare id; `sweeps` is how often it was
    swept, and `erase_at` when it is again.
    """

    __table_args__ = (Index("organisation_to_erase", "erase_at", postgresql_where=text("erase_at IS NOT NULL")),)

    name: str
    active: bool = True
    industry: str = ""
    email: str = ""
    phone: str = ""
    contact: str = ""
    address: str = ""
    notes: str = ""
    restricted_at: datetime | None = Field(default=None, sa_type=Timestamp)
    erase_at: datetime | None = Field(default=None, sa_type=Timestamp)
    sweeps: int = 0

    @property
    def at_work(self) -> bool:
        """Whether anything may be done for it; its assistants' and mailboxes' own switches come on top."""
        return self.active and self.restricted_at is None and self.erase_at is None


def _of_organisation(*more: Any) -> tuple[Any, ...]:
    """The second key lets others refer to (organisation, id): a foreign key is not subject to row-level security."""
    return (
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        UniqueConstraint("organisation_id", "id"),
        *more,
    )


def _of_assistant() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organisation_id", "assistant_id"], ["assistant.organisation_id", "assistant.id"])


class Assistant(Record, table=True):
    __table_args__ = _of_organisation(Index("assistant_revision", "revision"))

    organisation_id: UUID
    name: str
    active: bool = True
    instructions: str = ""
    form_of_address: str = "sie"
    signature: str = ""
    extractive_fallback: bool = True
    reply_all: bool = False
    description: str = ""
    languages: list[str] = Field(default_factory=lambda: ["de", "en"], sa_type=ARRAY(String))
    daily_limit: int | None = None
    monthly_token_budget: int | None = Field(default=None, sa_type=BigInteger)
    paused_until: datetime | None = Field(default=None, sa_type=Timestamp)
    paused_reason: str = ""
    revision: int = Field(default=0, sa_type=BigInteger)
    knowledge_revision: int = Field(default=0, sa_type=BigInteger)


class Mailbox(Record, table=True):
    """`provider` is `imap`, `gmail` or `graph`: the first has what begins with `imap`, the others have tokens.

    `imap_password` and the tokens are sealed (see crypto). `access_token` is good from `access_token_from` until
    `access_token_until`; until `renewing_until` somebody is about to renew it. `team_mailbox` is a shared mailbox's
    address, which is opened with one person's log-in. What begins with `status`, and `last_proof_at`, is what ingest
    reports.

    `owners_told_at` is since when the owners know that it needs attention; NULL while it does not, or nobody was told.
    """

    __table_args__ = _of_organisation(
        _of_assistant(),
        Index("mailbox_revision", "revision"),
        Index("mailbox_assistant", "assistant_id"),
        Index(
            "mailbox_watched_once",
            "organisation_id",
            text("lower(imap_host)"),
            text("lower(imap_username)"),
            "folder",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "mailbox_connected_once",
            "organisation_id",
            "provider",
            text("lower(address)"),
            "folder",
            unique=True,
            postgresql_where=text("deleted_at IS NULL AND provider <> 'imap'"),
        ),
    )

    organisation_id: UUID
    assistant_id: UUID
    provider: str = "imap"
    address: str
    aliases: list[str] = Field(default_factory=list, sa_type=ARRAY(String))
    active: bool = True
    watch_since: datetime = Field(default_factory=now, sa_type=Timestamp)
    time_zone: str = "Europe/Berlin"
    folder: str = "INBOX"
    drafts_folder: str = ""
    imap_host: str | None = None
    imap_port: int | None = None
    imap_security: str | None = None
    imap_username: str | None = None
    imap_password: str | None = None
    team_mailbox: str = ""
    refresh_token: str | None = None
    access_token: str | None = None
    access_token_from: datetime | None = Field(default=None, sa_type=Timestamp)
    access_token_until: datetime | None = Field(default=None, sa_type=Timestamp)
    renewing_until: datetime | None = Field(default=None, sa_type=Timestamp)
    revision: int = Field(default=0, sa_type=BigInteger)
    status: str | None = None
    status_reason: str = ""
    status_at: datetime | None = Field(default=None, sa_type=Timestamp)
    status_since: datetime | None = Field(default=None, sa_type=Timestamp)
    last_proof_at: datetime | None = Field(default=None, sa_type=Timestamp)
    owners_told_at: datetime | None = Field(default=None, sa_type=Timestamp)


class KnowledgeEntry(Record, table=True):
    __table_args__ = _of_organisation(
        _of_assistant(), Index("knowledge_entry_page", "assistant_id", "created_at", "id")
    )

    organisation_id: UUID
    assistant_id: UUID
    question: str
    answer: str
    examples: list[str] = Field(default_factory=list, sa_type=ARRAY(String))
    language: str = "de"
    tags: list[str] = Field(default_factory=list, sa_type=ARRAY(String))
    valid_from: date | None = None
    valid_until: date | None = None


class SettledMessage(Base, table=True):
    """What became of a message, and what it cost; a message that was opened again has one row per generation."""

    __table_args__ = (
        Index("settled_message_page", "organisation_id", "settled_at", "message_id"),
        Index("settled_message_recorded", "organisation_id", "recorded_at"),
    )

    message_id: UUID = Field(primary_key=True)
    generation: int = Field(primary_key=True)
    organisation_id: UUID
    assistant_id: UUID
    mailbox_id: UUID
    outcome: str
    reason: str
    needs_human: bool
    knowledge_ids: list[UUID] = Field(default_factory=list, sa_type=ARRAY(Uuid))
    model: str
    tokens_in: int
    tokens_out: int
    duration_ms: int
    open_points: int = 0
    received_at: datetime = Field(sa_type=Timestamp)
    settled_at: datetime = Field(sa_type=Timestamp)
    recorded_at: datetime = Field(default_factory=now, sa_type=Timestamp)


class ContentKey(Base, table=True):
    """A data key of one hour, sealed with a master key; `wrapped_key` is NULL once it is destroyed."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    valid_from: datetime = Field(sa_type=Timestamp, unique=True)
    valid_until: datetime = Field(sa_type=Timestamp)
    wrapped_key: str | None = None
    key_id: str
    destroyed_at: datetime | None = Field(default=None, sa_type=Timestamp)


class Revision(Base, table=True):
    """One row: how often the configuration has changed."""

    id: bool = Field(default=True, primary_key=True)
    n: int = Field(default=0, sa_type=BigInteger)
