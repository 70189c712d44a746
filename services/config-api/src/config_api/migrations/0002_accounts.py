"""Accounts, memberships and API keys, and what belongs to an organisation and an assistant besides.

Two more roles: `kinamik_account` has the rows of the account it names; `kinamik_auth` finds out who is asking, and
sees accounts and what they prove themselves with, but nothing that an organisation owns.
"""

from alembic import op

from shared.database import role_statements

revision = "0002"
down_revision = "0001"

TENANT = "NULLIF(current_setting('kinamik.organisation_id', true), '')::uuid"
ACCOUNT = "NULLIF(current_setting('kinamik.account_id', true), '')::uuid"
OF_ACCOUNT = "account_id uuid NOT NULL REFERENCES config.account (id) ON DELETE CASCADE"

TABLES = (
    """
    ALTER TABLE config.organisation
        ADD COLUMN industry varchar NOT NULL DEFAULT '',
        ADD COLUMN email varchar NOT NULL DEFAULT '',
        ADD COLUMN phone varchar NOT NULL DEFAULT '',
        ADD COLUMN contact varchar NOT NULL DEFAULT '',
        ADD COLUMN address varchar NOT NULL DEFAULT '',
        ADD COLUMN notes varchar NOT NULL DEFAULT '',
        ADD COLUMN restricted_at timestamptz""",
    """
    ALTER TABLE config.assistant
        ADD COLUMN description varchar NOT NULL DEFAULT '',
        ADD COLUMN languages varchar[] NOT NULL DEFAULT '{de,en}',
        ADD COLUMN daily_limit integer,
        ADD COLUMN monthly_token_budget bigint""",
    "ALTER TABLE config.mailbox ADD COLUMN status_since timestamptz",
    """
    CREATE TABLE config.account (
        id uuid PRIMARY KEY,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        email varchar,
        user_name varchar NOT NULL,
        password_hash varchar NOT NULL,
        first_name varchar NOT NULL,
        last_name varchar NOT NULL,
        language varchar NOT NULL,
        terms_version varchar NOT NULL,
        terms_accepted_at timestamptz NOT NULL,
        confirmed_at timestamptz,
        operator boolean NOT NULL,
        active boolean NOT NULL,
        restricted_at timestamptz,
        newsletter_since timestamptz,
        totp_secret varchar,
        totp_confirmed_at timestamptz,
        totp_last_step integer,
        lock_told_at timestamptz
    )""",
    "CREATE UNIQUE INDEX account_email ON config.account (lower(email))",
    "CREATE UNIQUE INDEX account_user_name ON config.account (lower(user_name))",
    f"""
    CREATE TABLE config.login_session (
        id uuid PRIMARY KEY,
        {OF_ACCOUNT},
        token_digest bytea NOT NULL UNIQUE,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        user_agent varchar NOT NULL
    )""",
    "CREATE INDEX login_session_account ON config.login_session (account_id)",
    f"""
    CREATE TABLE config.recovery_code (
        {OF_ACCOUNT},
        code_digest bytea,
        PRIMARY KEY (account_id, code_digest)
    )""",
    f"""
    CREATE TABLE config.ticket (
        token_digest bytea PRIMARY KEY,
        {OF_ACCOUNT},
        purpose varchar NOT NULL,
        email varchar,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
    )""",
    "CREATE INDEX ticket_account ON config.ticket (account_id)",
    f"""
    CREATE TABLE config.membership (
        organisation_id uuid REFERENCES config.organisation (id),
        {OF_ACCOUNT},
        role varchar NOT NULL CHECK (role IN ('owner', 'member')),
        created_at timestamptz NOT NULL,
        PRIMARY KEY (organisation_id, account_id)
    )""",
    "CREATE INDEX membership_account ON config.membership (account_id)",
    """
    CREATE TABLE config.invitation (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES config.organisation (id),
        email varchar NOT NULL,
        role varchar NOT NULL CHECK (role IN ('owner', 'member')),
        token_digest bytea NOT NULL UNIQUE,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
    )""",
    "CREATE UNIQUE INDEX invitation_once ON config.invitation (organisation_id, lower(email))",
    """
    CREATE TABLE config.api_key (
        id uuid PRIMARY KEY,
        organisation_id uuid NOT NULL REFERENCES config.organisation (id),
        name varchar NOT NULL,
        start varchar NOT NULL,
        token_digest bytea NOT NULL UNIQUE,
        scopes varchar[] NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz,
        last_used_at timestamptz
    )""",
    "CREATE INDEX api_key_page ON config.api_key (organisation_id, created_at, id)",
)

OF_ORGANISATION = ("membership", "invitation", "api_key")
OF_PERSON = {"account": "id", "login_session": "account_id", "recovery_code": "account_id", "ticket": "account_id"}
# What others in the organisation may see of a person.
SHOWN = "id, created_at, email, user_name, first_name, last_name, language, active"

GRANTS = (
    "GRANT USAGE ON SCHEMA config TO kinamik_account, kinamik_auth",
    *(f"GRANT SELECT, INSERT, UPDATE, DELETE ON config.{table} TO kinamik_tenant" for table in OF_ORGANISATION),
    f"GRANT SELECT ({SHOWN}) ON config.account TO kinamik_tenant",
    *(f"GRANT SELECT, UPDATE, DELETE ON config.{table} TO kinamik_account" for table in OF_PERSON),
    "GRANT INSERT ON config.recovery_code, config.ticket TO kinamik_account",
    "GRANT SELECT ON config.membership, config.organisation TO kinamik_account",
    *(f"GRANT SELECT, INSERT, UPDATE, DELETE ON config.{table} TO kinamik_auth" for table in OF_PERSON),
    "GRANT SELECT, INSERT ON config.membership TO kinamik_auth",
    "GRANT SELECT, DELETE ON config.invitation TO kinamik_auth",
    "GRANT SELECT, UPDATE (last_used_at) ON config.api_key TO kinamik_auth",
    f"GRANT SELECT ({SHOWN}, operator, confirmed_at, totp_confirmed_at, restricted_at) ON config.account"
    " TO kinamik_service",
    *(f"GRANT SELECT ON config.{table} TO kinamik_service" for table in OF_ORGANISATION),
    *(
        f"GRANT SELECT (id, queue), INSERT ON config.config_outbox TO {role}"
        for role in ("kinamik_account", "kinamik_auth")
    ),
    *(f"GRANT USAGE ON SEQUENCE config.config_outbox_id_seq TO {role}" for role in ("kinamik_account", "kinamik_auth")),
    "GRANT SELECT (totp_secret), UPDATE (totp_secret) ON config.account TO kinamik_service",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for role in ("kinamik_account", "kinamik_auth"):
        for statement in role_statements(role):
            op.execute(statement)
    for statement in GRANTS:
        op.execute(statement)
    for table in (*OF_ORGANISATION, *OF_PERSON):
        op.execute(f"ALTER TABLE config.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE config.{table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY auth ON config.{table} TO kinamik_auth USING (true) WITH CHECK (true)")
    for table in OF_ORGANISATION:
        op.execute(
            f"CREATE POLICY tenant ON config.{table} TO kinamik_tenant "
            f"USING (organisation_id = {TENANT}) WITH CHECK (organisation_id = {TENANT})"
        )
        op.execute(f"CREATE POLICY service_reads ON config.{table} FOR SELECT TO kinamik_service USING (true)")
    for table, account in OF_PERSON.items():
        op.execute(
            f"CREATE POLICY account ON config.{table} TO kinamik_account "
            f"USING ({account} = {ACCOUNT}) WITH CHECK ({account} = {ACCOUNT})"
        )
    op.execute(
        f"CREATE POLICY account ON config.membership FOR SELECT TO kinamik_account USING (account_id = {ACCOUNT})"
    )
    op.execute(
        "CREATE POLICY account ON config.organisation FOR SELECT TO kinamik_account USING "
        f"(id IN (SELECT organisation_id FROM config.membership WHERE account_id = {ACCOUNT}))"
    )
    op.execute(
        "CREATE POLICY tenant ON config.account FOR SELECT TO kinamik_tenant USING "
        f"(id IN (SELECT account_id FROM config.membership WHERE organisation_id = {TENANT}))"
    )
    op.execute("CREATE POLICY service_reads ON config.account FOR SELECT TO kinamik_service USING (true)")
    op.execute("CREATE POLICY service_rotates ON config.account FOR UPDATE TO kinamik_service USING (true)")
