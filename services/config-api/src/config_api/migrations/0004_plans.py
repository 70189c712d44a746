"""Plans, limits and what was used."""

from alembic import op

revision = "0004"
down_revision = "0003"

TENANT = "NULLIF(current_setting('kinamik.organisation_id', true), '')::uuid"

TABLES = (
    """
    CREATE TABLE config.plan (
        organisation_id uuid PRIMARY KEY REFERENCES config.organisation (id),
        kind varchar NOT NULL CHECK (kind IN ('trial', 'standard', 'ended')),
        trial_ends_at timestamptz,
        ended_at timestamptz,
        notices_sent integer NOT NULL,
        max_assistants integer NOT NULL,
        max_mailboxes integer NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK (kind <> 'trial' OR trial_ends_at IS NOT NULL),
        CHECK (kind <> 'ended' OR ended_at IS NOT NULL)
    )""",
    "CREATE INDEX plan_trial ON config.plan (trial_ends_at) WHERE kind = 'trial'",
    """
    CREATE TABLE config.plan_change (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES config.organisation (id),
        kind varchar NOT NULL,
        began_at timestamptz NOT NULL,
        actor varchar NOT NULL,
        price_terms varchar NOT NULL,
        recorded_at timestamptz NOT NULL
    )""",
    "CREATE INDEX plan_change_page ON config.plan_change (organisation_id, began_at, id)",
    """
    CREATE TABLE config.usage_day (
        organisation_id uuid NOT NULL,
        assistant_id uuid,
        day date,
        model varchar,
        drafted integer NOT NULL,
        skipped integer NOT NULL,
        failed integer NOT NULL,
        tried integer NOT NULL DEFAULT 0,
        tokens_in bigint NOT NULL,
        tokens_out bigint NOT NULL,
        duration_ms bigint NOT NULL,
        PRIMARY KEY (assistant_id, day, model)
    )""",
    "CREATE INDEX usage_day_page ON config.usage_day (organisation_id, day)",
    """
    ALTER TABLE config.assistant
        ADD COLUMN paused_until timestamptz,
        ADD COLUMN paused_reason varchar NOT NULL DEFAULT ''""",
    "ALTER TABLE config.settled_message ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT now()",
    "CREATE INDEX settled_message_recorded ON config.settled_message (organisation_id, recorded_at)",
)
OWNED = ("plan", "plan_change", "usage_day")


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table in OWNED:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON config.{table} TO kinamik_tenant")
        op.execute(f"GRANT SELECT ON config.{table} TO kinamik_service")
        op.execute(f"ALTER TABLE config.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE config.{table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON config.{table} TO kinamik_tenant "
            f"USING (organisation_id = {TENANT}) WITH CHECK (organisation_id = {TENANT})"
        )
        op.execute(f"CREATE POLICY service_reads ON config.{table} FOR SELECT TO kinamik_service USING (true)")
