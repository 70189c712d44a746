"""From which moment on each mailbox was listed last."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("mailbox", sa.Column("watched_since", sa.DateTime(timezone=True)), schema="ingest")
