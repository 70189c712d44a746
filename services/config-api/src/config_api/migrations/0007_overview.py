"""How much a draft leaves open."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("ALTER TABLE config.settled_message ADD COLUMN open_points integer NOT NULL DEFAULT 0")
