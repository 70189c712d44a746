"""The data plane's tables, and who may see which of their rows.

Two roles nobody can log in with. Every transaction takes one of them (see config_api.database): `kinamik_tenant` has
the rows of the organisation it names and no others, `kinamik_service` reads across organisations for the internal API.
FORCE holds the tables' owner to the same policies.
"""

from alembic import op

from shared.database import role_statements

revision = "0001"
down_revision = None

TENANT = "NULLIF(current_setting('kinamik.organisation_id', true), '')::uuid"

RECORD = """
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
"""
OF_ORGANISATION = """
    organisation_id uuid NOT NULL REFERENCES config.organisation (id),
    UNIQUE (organisation_id, id)
"""
OF_ASSISTANT = """
    assistant_id uuid NOT NULL,
    FOREIGN KEY (organisation_id, assistant_id) REFERENCES config.assistant (organisation_id, id)
"""

TABLES = (
    f"""
    CREATE TABLE config.organisation ({RECORD},
        name varchar NOT NULL,
        active boolean NOT NULL
    )""",
    f"""
    CREATE TABLE config.assistant ({RECORD}, {OF_ORGANISATION},
        name varchar NOT NULL,
        active boolean NOT NULL,
        instructions varchar NOT NULL,
        form_of_address varchar NOT NULL,
        signature varchar NOT NULL,
        extractive_fallback boolean NOT NULL,
        reply_all boolean NOT NULL,
        revision bigint NOT NULL,
        knowledge_revision bigint NOT NULL
    )""",
    "CREATE INDEX assistant_revision ON config.assistant (revision)",
    f"""
    CREATE TABLE config.mailbox ({RECORD}, {OF_ORGANISATION}, {OF_ASSISTANT},
        address varchar NOT NULL,
        aliases varchar[] NOT NULL,
        active boolean NOT NULL,
        watch_since timestamptz NOT NULL,
        time_zone varchar NOT NULL,
        folder varchar NOT NULL,
        drafts_folder varchar NOT NULL,
        imap_host varchar NOT NULL,
        imap_port integer NOT NULL,
        imap_security varchar NOT NULL,
        imap_username varchar NOT NULL,
        imap_password varchar,
        revision bigint NOT NULL,
        status varchar,
        status_reason varchar NOT NULL,
        status_at timestamptz,
        last_proof_at timestamptz
    )""",
    "CREATE INDEX mailbox_revision ON config.mailbox (revision)",
    "CREATE INDEX mailbox_assistant ON config.mailbox (assistant_id)",
    """
    CREATE UNIQUE INDEX mailbox_watched_once
        ON config.mailbox (organisation_id, lower(imap_host), lower(imap_username), folder)
        WHERE deleted_at IS NULL""",
    f"""
    CREATE TABLE config.knowledge_entry ({RECORD}, {OF_ORGANISATION}, {OF_ASSISTANT},
        question varchar NOT NULL,
        answer varchar NOT NULL,
        examples varchar[] NOT NULL,
        language varchar NOT NULL,
        tags varchar[] NOT NULL,
        valid_from date,
        valid_until date
    )""",
    "CREATE INDEX knowledge_entry_page ON config.knowledge_entry (assistant_id, created_at, id)",
    """
    CREATE TABLE config.settled_message (
        message_id uuid,
        generation integer,
        organisation_id uuid NOT NULL,
        assistant_id uuid NOT NULL,
        mailbox_id uuid NOT NULL,
        outcome varchar NOT NULL,
        reason varchar NOT NULL,
        needs_human boolean NOT NULL,
        knowledge_ids uuid[] NOT NULL,
        model varchar NOT NULL,
        tokens_in integer NOT NULL,
        tokens_out integer NOT NULL,
        duration_ms integer NOT NULL,
        received_at timestamptz NOT NULL,
        settled_at timestamptz NOT NULL,
        PRIMARY KEY (message_id, generation)
    )""",
    "CREATE INDEX settled_message_page ON config.settled_message (organisation_id, settled_at, message_id)",
    """
    CREATE TABLE config.content_key (
        id uuid PRIMARY KEY,
        valid_from timestamptz NOT NULL UNIQUE,
        valid_until timestamptz NOT NULL,
        wrapped_key varchar,
        key_id varchar NOT NULL,
        destroyed_at timestamptz
    )""",
    "CREATE TABLE config.revision (id boolean PRIMARY KEY CHECK (id), n bigint NOT NULL)",
    "INSERT INTO config.revision VALUES (true, 0)",
    """
    CREATE TABLE config.config_outbox (
        id bigserial PRIMARY KEY,
        queue varchar(255) NOT NULL,
        payload bytea NOT NULL,
        headers jsonb,
        attempts_count bigint NOT NULL DEFAULT 0,
        deliveries_count bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        first_attempt_at timestamptz,
        last_attempt_at timestamptz,
        acquired_at timestamptz,
        acquired_token uuid,
        timer_id varchar(255),
        CONSTRAINT config_outbox_lease_ck CHECK ((acquired_token IS NULL) = (acquired_at IS NULL))
    )""",
    """
    CREATE INDEX config_outbox_pending_idx ON config.config_outbox (queue, next_attempt_at, id)
        WHERE acquired_token IS NULL""",
    """
    CREATE UNIQUE INDEX config_outbox_timer_id_uq ON config.config_outbox (queue, timer_id)
        WHERE timer_id IS NOT NULL""",
    """
    CREATE INDEX config_outbox_leased_idx ON config.config_outbox (queue, next_attempt_at, id)
        WHERE acquired_token IS NOT NULL""",
)

OWNED = {
    "organisation": "id",
    "assistant": "organisation_id",
    "mailbox": "organisation_id",
    "knowledge_entry": "organisation_id",
    "settled_message": "organisation_id",
}

GRANTS = (
    "GRANT USAGE ON SCHEMA config TO kinamik_tenant, kinamik_service",
    *(f"GRANT SELECT, INSERT, UPDATE, DELETE ON config.{table} TO kinamik_tenant" for table in OWNED),
    "GRANT SELECT, UPDATE (n) ON config.revision TO kinamik_tenant",
    "GRANT SELECT (id, queue), INSERT ON config.config_outbox TO kinamik_tenant",
    "GRANT USAGE ON SEQUENCE config.config_outbox_id_seq TO kinamik_tenant",
    *(f"GRANT SELECT ON config.{table} TO kinamik_service" for table in (*OWNED, "revision")),
    "GRANT UPDATE (imap_password) ON config.mailbox TO kinamik_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON config.content_key TO kinamik_service",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for role in ("kinamik_tenant", "kinamik_service"):
        for statement in role_statements(role):
            op.execute(statement)
    for statement in GRANTS:
        op.execute(statement)
    for table, organisation in OWNED.items():
        op.execute(f"ALTER TABLE config.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE config.{table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON config.{table} TO kinamik_tenant "
            f"USING ({organisation} = {TENANT}) WITH CHECK ({organisation} = {TENANT})"
        )
        op.execute(f"CREATE POLICY service_reads ON config.{table} FOR SELECT TO kinamik_service USING (true)")
    op.execute("CREATE POLICY service_rotates ON config.mailbox FOR UPDATE TO kinamik_service USING (true)")
