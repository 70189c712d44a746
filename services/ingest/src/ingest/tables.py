"""The tables of schema `ingest`: ids, states, reasons and times; no content."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData(schema="ingest")

# `position` and `provider_id` are as in `shared.mailbox.protocol`: UIDNEXT and UID, or what stands for them elsewhere.
# `forgotten_before`: an unknown message from before then may be one that the ledger has forgotten.
mailboxes = Table(
    "mailbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("position", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("last_proof_at", DateTime(timezone=True), nullable=False),
    Column("watched_since", DateTime(timezone=True)),
    Column("forgotten_before", DateTime(timezone=True)),
)

messages = Table(
    "message",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("assistant_id", Uuid, nullable=False),
    Column("mailbox_id", Uuid, nullable=False),
    Column("folder", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("provider_id", String, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("publications", Integer, nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    UniqueConstraint("mailbox_id", "folder", "epoch", "provider_id"),
)

PENDING = "pending"
