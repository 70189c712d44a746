"""Ids and positions of any provider: IMAP's numbers become text."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for table, before, after in (("mailbox", "uid_next", "position"), ("message", "uid", "provider_id")):
        op.alter_column(table, before, type_=sa.String, postgresql_using=f"{before}::varchar", schema="ingest")
        op.alter_column(table, before, new_column_name=after, schema="ingest")
