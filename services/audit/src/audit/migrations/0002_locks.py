"""Addresses and names in the log, and roles that cannot change what is in it; locks; legal holds."""

from alembic import op

from shared.database import role_statements

revision = "0002"
down_revision = "0001"

TABLES = (
    """
    ALTER TABLE audit.entry
        ADD COLUMN address inet,
        ADD COLUMN user_name varchar NOT NULL DEFAULT '',
        ADD COLUMN named boolean NOT NULL DEFAULT false""",
    "DROP INDEX audit.ix_audit_entry_occurred_at",
    "CREATE INDEX entry_page ON audit.entry (occurred_at, id)",
    "CREATE INDEX entry_of_organisation ON audit.entry (organisation_id, occurred_at, id)",
    "CREATE INDEX entry_by_actor ON audit.entry (actor, occurred_at, id)",
    "CREATE INDEX entry_with_address ON audit.entry (occurred_at) WHERE address IS NOT NULL",
    "CREATE INDEX entry_with_name ON audit.entry (occurred_at) WHERE user_name <> '' OR named",
    """
    CREATE TABLE audit.lock (
        key bytea PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        action varchar NOT NULL,
        kind varchar NOT NULL CHECK (kind IN ('name', 'address', 'pair')),
        user_name varchar NOT NULL,
        address varchar NOT NULL,
        began_at timestamptz NOT NULL,
        attempts integer NOT NULL,
        locks integer NOT NULL,
        locked_until timestamptz
    )""",
    "CREATE INDEX lock_page ON audit.lock (locked_until, id)",
    "CREATE TABLE audit.known_address (key bytea PRIMARY KEY, name bytea NOT NULL, succeeded_at timestamptz NOT NULL)",
    "CREATE INDEX known_address_name ON audit.known_address (name)",
    """
    CREATE TABLE audit.legal_hold (
        id uuid PRIMARY KEY,
        name varchar NOT NULL,
        created_at timestamptz NOT NULL,
        released_at timestamptz,
        since timestamptz,
        until timestamptz,
        actor varchar NOT NULL,
        organisation_id uuid,
        user_name varchar NOT NULL,
        address inet
    )""",
    "CREATE UNIQUE INDEX legal_hold_name ON audit.legal_hold (lower(name)) WHERE released_at IS NULL",
)

# Nobody deletes an entry, and all that can be changed is what has to be forgotten.
GRANTS = (
    "GRANT USAGE ON SCHEMA audit TO kinamik_audit_writer, kinamik_audit_keeper",
    "GRANT INSERT ON audit.entry TO kinamik_audit_writer",
    "GRANT SELECT, UPDATE (address, user_name, actor, named) ON audit.entry TO kinamik_audit_keeper",
    "GRANT SELECT ON audit.legal_hold TO kinamik_audit_keeper",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for role in ("kinamik_audit_writer", "kinamik_audit_keeper"):
        for statement in role_statements(role):
            op.execute(statement)
    for statement in GRANTS:
        op.execute(statement)
