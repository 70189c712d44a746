"""Mailboxes that are opened by OAuth."""

from alembic import op

revision = "0008"
down_revision = "0007"

TOKENS = "refresh_token, access_token, access_token_from, access_token_until, renewing_until"

STATEMENTS = (
    """
    ALTER TABLE config.mailbox
        ADD COLUMN provider varchar NOT NULL DEFAULT 'imap' CHECK (provider IN ('imap', 'gmail', 'graph')),
        ADD COLUMN team_mailbox varchar NOT NULL DEFAULT '',
        ADD COLUMN refresh_token varchar,
        ADD COLUMN access_token varchar,
        ADD COLUMN access_token_from timestamptz,
        ADD COLUMN access_token_until timestamptz,
        ADD COLUMN renewing_until timestamptz,
        ALTER COLUMN imap_host DROP NOT NULL,
        ALTER COLUMN imap_port DROP NOT NULL,
        ALTER COLUMN imap_security DROP NOT NULL,
        ALTER COLUMN imap_username DROP NOT NULL,
        ADD CHECK (deleted_at IS NOT NULL OR provider <> 'imap' OR (imap_host IS NOT NULL AND imap_port IS NOT NULL
            AND imap_security IS NOT NULL AND imap_username IS NOT NULL))""",
    """
    CREATE UNIQUE INDEX mailbox_connected_once ON config.mailbox (organisation_id, provider, lower(address), folder)
        WHERE deleted_at IS NULL AND provider <> 'imap'""",
    f"GRANT UPDATE ({TOKENS}) ON config.mailbox TO kinamik_service",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
