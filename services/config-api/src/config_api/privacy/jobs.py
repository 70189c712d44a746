"""Export jobs as rows: asked for, taken up by one worker, and handed out once they are ready."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.crypto import MasterKeys
from config_api.database import Database
from config_api.models import now
from config_api.privacy.archive import unseal
from config_api.privacy.models import ExportChunk, ExportJob
from config_api.problems import Conflict, NotFound
from shared.errors import PermanentError

KEPT = timedelta(days=7)
DATA_KEY = "data_key"
UNFINISHED = ("waiting", "running")


async def request(
    session: AsyncSession, *, organisation_id: UUID | None = None, account_id: UUID | None = None, by: UUID | None
) -> ExportJob:
    """A new job, which takes the place of an earlier archive; or the one that is under way already."""
    mine = _of(organisation_id, account_id)
    for job in await session.exec(select(ExportJob).where(mine)):
        if job.state in UNFINISHED:
            return job
        await session.delete(job)
    job = ExportJob(organisation_id=organisation_id, account_id=account_id, requested_by=by, expires_at=now() + KEPT)
    session.add(job)
    await session.flush()
    return job


async def find(
    session: AsyncSession, job_id: UUID, *, organisation_id: UUID | None = None, account_id: UUID | None = None
) -> ExportJob:
    """Raises NotFound (`export_unknown`), also once it has expired."""
    query = select(ExportJob).where(ExportJob.id == job_id, _of(organisation_id, account_id))
    job = (await session.exec(query.where(ExportJob.expires_at > now()))).one_or_none()
    if job is None:
        raise NotFound("export_unknown")
    return job


def _of(organisation_id: UUID | None, account_id: UUID | None) -> ColumnElement[bool]:
    if organisation_id is not None:
        return col(ExportJob.organisation_id) == organisation_id
    return col(ExportJob.account_id) == account_id


def opened(job: ExportJob, master_keys: MasterKeys) -> bytes:
    """The key of a finished archive. Raises Conflict (`export_not_ready`), NotFound where its master key is gone."""
    if job.state != "ready" or job.data_key is None:
        raise Conflict("export_not_ready")
    try:
        return master_keys.open(job.data_key, job.id, DATA_KEY)
    except PermanentError:
        raise NotFound("export_unknown") from None


async def pieces(database: Database, job: ExportJob, key: bytes) -> AsyncGenerator[bytes]:
    """The archive, a piece at a time. Raises PermanentError (`sealed_value_broken`), also where a piece is missing."""
    for n in range(job.chunks):
        async with database.service() as session:
            chunk = await session.get(ExportChunk, (job.id, n))
        if chunk is None:
            raise PermanentError("sealed_value_broken")
        yield unseal(key, chunk.sealed, job.id, n)


async def expire(database: Database, moment: datetime) -> None:
    """Archives go with their jobs, and with the only keys that open them."""
    async with database.service() as session:
        await session.exec(delete(ExportJob).where(col(ExportJob.expires_at) <= moment))
