"""What knowledge was before each change."""

from alembic import op

revision = "0003"
down_revision = "0002"

TENANT = "NULLIF(current_setting('kinamik.organisation_id', true), '')::uuid"

TABLES = (
    """
    CREATE TABLE config.knowledge_change_set (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL,
        assistant_id uuid NOT NULL,
        kind varchar NOT NULL CHECK (kind IN ('edit', 'import', 'undo')),
        undoes uuid,
        actor varchar NOT NULL,
        added integer NOT NULL,
        changed integer NOT NULL,
        removed integer NOT NULL,
        created_at timestamptz NOT NULL,
        UNIQUE (organisation_id, id),
        FOREIGN KEY (organisation_id, assistant_id)
            REFERENCES config.assistant (organisation_id, id) ON DELETE CASCADE
    )""",
    "CREATE INDEX knowledge_change_set_page ON config.knowledge_change_set (assistant_id, created_at, id)",
    """
    CREATE TABLE config.knowledge_change (
        change_set_id uuid,
        entry_id uuid,
        organisation_id uuid NOT NULL,
        before jsonb,
        after jsonb,
        PRIMARY KEY (change_set_id, entry_id),
        FOREIGN KEY (organisation_id, change_set_id)
            REFERENCES config.knowledge_change_set (organisation_id, id) ON DELETE CASCADE,
        FOREIGN KEY (organisation_id, entry_id)
            REFERENCES config.knowledge_entry (organisation_id, id) ON DELETE CASCADE
    )""",
    "CREATE INDEX knowledge_change_entry ON config.knowledge_change (entry_id)",
)
OWNED = ("knowledge_change_set", "knowledge_change")


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
