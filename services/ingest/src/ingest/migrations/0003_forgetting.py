"""What is old is forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("mailbox", sa.Column("forgotten_before", sa.DateTime(timezone=True)), schema="ingest")
    op.create_index("message_received", "message", ["mailbox_id", "received_at"], schema="ingest")
