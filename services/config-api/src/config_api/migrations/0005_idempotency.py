"""Creates that are asked for twice, and which mailboxes' owners know that something is wrong."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    "ALTER TABLE config.mailbox ADD COLUMN owners_told_at timestamptz",
    """
    CREATE TABLE config.idempotency_key (
        id uuid PRIMARY KEY,
        digest bytea NOT NULL UNIQUE,
        request varchar NOT NULL,
        answer varchar,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
    )""",
    "CREATE INDEX idempotency_key_expires_at ON config.idempotency_key (expires_at)",
    "ALTER TABLE config.idempotency_key ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE config.idempotency_key FORCE ROW LEVEL SECURITY",
    "CREATE POLICY auth ON config.idempotency_key TO kinamik_auth USING (true) WITH CHECK (true)",
    "CREATE POLICY service_reads ON config.idempotency_key FOR SELECT TO kinamik_service USING (true)",
    "CREATE POLICY service_rotates ON config.idempotency_key FOR UPDATE TO kinamik_service USING (true)",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON config.idempotency_key TO kinamik_auth",
    "GRANT SELECT (id, request, answer), UPDATE (request, answer) ON config.idempotency_key TO kinamik_service",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
