"""The tables of schema `audit`. Who may do what with the entries is in the migrations."""

from sqlalchemy import Boolean, Column, DateTime, Integer, LargeBinary, MetaData, String, Table, Uuid
from sqlalchemy.dialects.postgresql import INET

metadata = MetaData(schema="audit")

Moment = DateTime(timezone=True)

# `named`: the actor is a name, not an id, and goes when names go.
entries = Table(
    "entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("occurred_at", Moment, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("organisation_id", Uuid),
    Column("subject", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("address", INET),
    Column("user_name", String, nullable=False),
    Column("named", Boolean, nullable=False),
)

# `key` is a keyed digest, so that counting goes on when name and address are gone from the row.
locks = Table(
    "lock",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("action", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("user_name", String, nullable=False),
    Column("address", String, nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("locks", Integer, nullable=False),
    Column("locked_until", Moment),
)

# Addresses from which a name has succeeded; `key` is a keyed digest of both, `name` of the name alone.
known_addresses = Table(
    "known_address",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("name", LargeBinary, nullable=False),
    Column("succeeded_at", Moment, nullable=False),
)

holds = Table(
    "legal_hold",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("released_at", Moment),
    Column("since", Moment),
    Column("until", Moment),
    Column("actor", String, nullable=False),
    Column("organisation_id", Uuid),
    Column("user_name", String, nullable=False),
    Column("address", INET),
)
