"""Archives of what is held about somebody, from the request until they have expired."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from config_api.models import Base, Timestamp, now


class ExportJob(Base, table=True):
    """Of an organisation or of a person. `data_key` is sealed (see crypto), and seals the archive's chunks.

    `due_at` is when the job may be taken up: a running one is left alone until then, since whoever works on it moves
    it on. `rows_total` is None until they are counted, `size` the archive's in bytes.
    """

    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["requested_by"], ["account.id"], ondelete="SET NULL"),
        Index("export_job_due", "due_at", postgresql_where=text("state IN ('waiting', 'running')")),
        Index("export_job_of_organisation", "organisation_id"),
        Index("export_job_of_account", "account_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organisation_id: UUID | None = None
    account_id: UUID | None = None
    requested_by: UUID | None = None
    created_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    state: str = "waiting"
    reason: str = ""
    attempts: int = 0
    due_at: datetime = Field(default_factory=now, sa_type=Timestamp)
    rows_done: int = Field(default=0, sa_type=BigInteger)
    rows_total: int | None = Field(default=None, sa_type=BigInteger)
    data_key: str | None = None
    chunks: int = 0
    size: int = Field(default=0, sa_type=BigInteger)
    ready_at: datetime | None = Field(default=None, sa_type=Timestamp)
    expires_at: datetime = Field(sa_type=Timestamp)


class ExportChunk(Base, table=True):
    """A piece of an archive: nonce and ciphertext."""

    __table_args__ = (ForeignKeyConstraint(["job_id"], ["export_job.id"], ondelete="CASCADE"),)

    job_id: UUID = Field(primary_key=True)
    n: int = Field(primary_key=True)
    sealed: bytes
