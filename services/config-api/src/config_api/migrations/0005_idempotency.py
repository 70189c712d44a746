"""Creates that are asked for twice, and which mailboxes' owners know that something is wrong."""

from alembic import op

revision = "0005"
down_revision = "0004"

TENANT = "NULLIF(current_setting('kinamik.organisation_id', true), '')::uuid"
ACCOUNT = "NULLIF(current_setting('kinamik.account_id', true), '')::uuid"

STATEMENTS = (
    "ALTER TABLE config.mailbox ADD COLUMN owners_told_at timestamptz",
    """
    CREATE TABLE config.idempotency_key (
        id uuid PRIMARY KEY,
        organisation_id uuid,
        account_id uuid REFERENCES config.account (id) ON DELETE CASCADE,
        digest bytea NOT NULL UNIQUE,
        sealed_request varchar NOT NULL,
        sealed_answer varchar,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
    )""",
    "CREATE INDEX idempotency_key_expires_at ON config.idempotency_key (expires_at)",
    "CREATE INDEX idempotency_key_organisation ON config.idempotency_key (organisation_id)",
    "CREATE INDEX idempotency_key_account ON config.idempotency_key (account_id)",
    "ALTER TABLE config.idempotency_key ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE config.idempotency_key FORCE ROW LEVEL SECURITY",
    "CREATE POLICY auth ON config.idempotency_key TO kinamik_auth USING (true) WITH CHECK (true)",
    "CREATE POLICY service_reads ON config.idempotency_key FOR SELECT TO kinamik_service USING (true)",
    "CREATE POLICY service_rotates ON config.idempotency_key FOR UPDATE TO kinamik_service USING (true)",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON config.idempotency_key TO kinamik_auth",
    "GRANT SELECT (id, sealed_request, sealed_answer), UPDATE (sealed_request, sealed_answer)"
    " ON config.idempotency_key TO kinamik_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON config.idempotency_key TO kinamik_tenant",
    "CREATE POLICY tenant ON config.idempotency_key TO kinamik_tenant "
    f"USING (organisation_id = {TENANT}) WITH CHECK (organisation_id = {TENANT})",
    "GRANT SELECT ON config.idempotency_key TO kinamik_account",
    f"CREATE POLICY account ON config.idempotency_key FOR SELECT TO kinamik_account USING (account_id = {ACCOUNT})",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
