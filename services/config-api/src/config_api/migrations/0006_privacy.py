"""Exports and erasures."""

from alembic import op

revision = "0006"
down_revision = "0005"

TENANT = "NULLIF(current_setting('kinamik.organisation_id', true), '')::uuid"
ACCOUNT = "NULLIF(current_setting('kinamik.account_id', true), '')::uuid"

STATEMENTS = (
    """
    ALTER TABLE config.organisation
        ADD COLUMN erase_at timestamptz,
        ADD COLUMN sweeps integer NOT NULL DEFAULT 0""",
    "CREATE INDEX organisation_to_erase ON config.organisation (erase_at) WHERE erase_at IS NOT NULL",
    """
    CREATE TABLE config.export_job (
        id uuid PRIMARY KEY,
        organisation_id uuid REFERENCES config.organisation (id),
        account_id uuid REFERENCES config.account (id) ON DELETE CASCADE,
        requested_by uuid REFERENCES config.account (id) ON DELETE SET NULL,
        created_at timestamptz NOT NULL,
        state varchar NOT NULL CHECK (state IN ('waiting', 'running', 'ready', 'failed')),
        reason varchar NOT NULL,
        attempts integer NOT NULL,
        due_at timestamptz NOT NULL,
        rows_done bigint NOT NULL,
        rows_total bigint,
        data_key varchar,
        chunks integer NOT NULL,
        size bigint NOT NULL,
        ready_at timestamptz,
        expires_at timestamptz NOT NULL,
        CHECK ((organisation_id IS NULL) <> (account_id IS NULL))
    )""",
    "CREATE INDEX export_job_due ON config.export_job (due_at) WHERE state IN ('waiting', 'running')",
    "CREATE INDEX export_job_of_organisation ON config.export_job (organisation_id)",
    "CREATE INDEX export_job_of_account ON config.export_job (account_id)",
    """
    CREATE TABLE config.export_chunk (
        job_id uuid REFERENCES config.export_job (id) ON DELETE CASCADE,
        n integer,
        sealed bytea NOT NULL,
        PRIMARY KEY (job_id, n)
    )""",
    "ALTER TABLE config.export_job ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE config.export_job FORCE ROW LEVEL SECURITY",
    f"""
    CREATE POLICY tenant ON config.export_job TO kinamik_tenant
        USING (organisation_id = {TENANT}) WITH CHECK (organisation_id = {TENANT})""",
    f"""
    CREATE POLICY account ON config.export_job TO kinamik_account
        USING (account_id = {ACCOUNT}) WITH CHECK (account_id = {ACCOUNT})""",
    "CREATE POLICY service ON config.export_job TO kinamik_service USING (true)",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON config.export_job TO kinamik_tenant",
    "GRANT SELECT, INSERT, DELETE ON config.export_job TO kinamik_account",
    # What makes the archives works for everybody; what is in them it seals, and reads as a tenant or account.
    "GRANT SELECT, UPDATE, DELETE ON config.export_job TO kinamik_service",
    "GRANT SELECT, INSERT, DELETE ON config.export_chunk TO kinamik_service",
    "GRANT SELECT (id, queue), INSERT ON config.config_outbox TO kinamik_service",
    "GRANT USAGE ON SEQUENCE config.config_outbox_id_seq TO kinamik_service",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
