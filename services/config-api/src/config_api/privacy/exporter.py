"""Makes the archives that were asked for, one after the other, beside everything else.

A job belongs to whoever took it up for as long as its `due_at` is moved on, and with it the key of its archive: who
comes late, after another has begun anew, finds another key there and stops. So a restart costs a second try only.
"""

import os
import time
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import structlog
from sqlalchemy import Update
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.accounts.models import Account
from config_api.crypto import KEY_BYTES, MasterKeys
from config_api.database import Database
from config_api.models import now
from config_api.notices.service import notify
from config_api.privacy import contents
from config_api.privacy.archive import Archive, seal
from config_api.privacy.inventory import take_inventory
from config_api.privacy.jobs import DATA_KEY, KEPT, UNFINISHED, expire
from config_api.privacy.models import ExportChunk, ExportJob
from config_api.privacy.others import OtherServices
from config_api.privacy.readme import readme
from shared.database import repeatedly
from shared.errors import KinamikError, PermanentError, TransientError

log = structlog.get_logger(__name__)

POLL_SECONDS = 2.0
LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=30)
ATTEMPTS = 5
PIECE_BYTES = 256 * 1024
TELL_SECONDS = 0.5


class Exporter:
    def __init__(self, database: Database, master_keys: MasterKeys, others: OtherServices) -> None:
        self._database = database
        self._master_keys = master_keys
        self._others = others

    async def close(self) -> None:
        await self._others.close()

    async def run(self) -> None:
        """For ever."""
        await repeatedly(self._turn, seconds=POLL_SECONDS, complaint="exports_not_made")

    async def _turn(self) -> None:
        while await self.work():
            pass
        await expire(self._database, now())

    async def work(self) -> bool:
        """Makes the archive that has waited longest; whether there was one."""
        if (job := await self._take_up()) is None:
            return False
        try:
            if job.attempts > ATTEMPTS:
                raise PermanentError("gave_up")
            await self._make(job)
        except KinamikError as error:
            await self._put_back(job, error)
        except Exception:
            log.exception("export_failed", job_id=str(job.id))
            await self._put_back(job, TransientError("internal_error"))
        return True

    async def _take_up(self) -> ExportJob | None:
        """With a new key, and without what an earlier try has left."""
        due = select(ExportJob).where(col(ExportJob.state).in_(UNFINISHED), ExportJob.due_at <= now())
        due = due.order_by(col(ExportJob.due_at)).limit(1).with_for_update(skip_locked=True)
        async with self._database.service() as session:
            if (job := (await session.exec(due)).one_or_none()) is None:
                return None
            key = self._master_keys.seal(os.urandom(KEY_BYTES), job.id, DATA_KEY)
            job.state, job.attempts, job.due_at, job.data_key = "running", job.attempts + 1, now() + LEASE, key
            job.rows_done, job.rows_total, job.chunks, job.size = 0, None, 0, 0
            await session.exec(delete(ExportChunk).where(col(ExportChunk.job_id) == job.id))
        return job

    async def _make(self, job: ExportJob) -> None:
        inventory = await take_inventory(self._database)
        storing = _Storing(self._database, job, self._master_keys.open(job.data_key or "", job.id, DATA_KEY))
        archive = Archive(storing.take)
        async with self._reading(job) as session:
            if job.account_id is not None:
                files = await contents.of_person(session, inventory, self._others, job.account_id)
            else:
                assert job.organisation_id is not None
                files = await contents.of_organisation(session, inventory, self._others, job.organisation_id)
            storing.total = sum(each.rows for each in files)
            kinds = [each.kind for each in files]
            await archive.text("README.txt", readme(now(), kinds, person=job.account_id is not None))
            for each in files:
                await archive.table(each.kind, each.batches)
        await archive.close()
        async with self._database.service() as session:
            await storing.finish(session)
            await self._tell(session, job)

    def _reading(self, job: ExportJob) -> AbstractAsyncContextManager[AsyncSession]:
        """A transaction that sees what is to be exported and nothing else, as of one moment."""
        if job.account_id is not None:
            return self._database.account(job.account_id, snapshot=True)
        assert job.organisation_id is not None
        return self._database.tenant(job.organisation_id, snapshot=True)

    async def _tell(self, session: AsyncSession, job: ExportJob) -> None:
        query = select(Account.email, Account.language).where(Account.id == (job.account_id or job.requested_by))
        email, language = (await session.exec(query)).one_or_none() or (None, "")
        whose = "/account" if job.account_id else f"/organisations/{job.organisation_id}"
        if email:
            link = f"{whose}/export/{job.id}"
            await notify(session, self._master_keys, "export_ready", email, language=language, link=link)

    async def _put_back(self, job: ExportJob, error: KinamikError) -> None:
        """For another try after a while, or as failed."""
        log.warning("export_put_back", job_id=str(job.id), reason=error.reason, attempts=job.attempts)
        again = isinstance(error, TransientError) and job.attempts < ATTEMPTS
        pause = FIRST_PAUSE * 2 ** (job.attempts - 1)
        values = {"state": "waiting"} if again else {"state": "failed", "expires_at": now() + KEPT}
        async with self._database.service() as session:
            await session.exec(_mine(job).values(reason=error.reason, due_at=now() + pause, **values))


class _Storing:
    """Where the archive's pieces go: sealed, into the database."""

    def __init__(self, database: Database, job: ExportJob, key: bytes) -> None:
        self._database = database
        self._job = job
        self._key = key
        self._bytes = bytearray()
        self._rows = 0
        self._chunks = 0
        self._size = 0
        self._told_at = 0.0
        self.total = 0

    async def take(self, data: bytes, rows: int) -> None:
        """Raises PermanentError (`taken_over`)."""
        self._bytes += data
        self._rows = rows
        full = len(self._bytes) >= PIECE_BYTES
        if full or time.monotonic() - self._told_at > TELL_SECONDS:
            async with self._database.service() as session:
                await (self._store(session) if full else self._progress(session))

    async def finish(self, session: AsyncSession) -> None:
        await self._store(session, state="ready", reason="", ready_at=now(), expires_at=now() + KEPT)

    async def _store(self, session: AsyncSession, **values: object) -> None:
        self._chunks, self._size = self._chunks + 1, self._size + len(self._bytes)
        await self._progress(session, chunks=self._chunks, size=self._size, **values)
        n = self._chunks - 1
        session.add(ExportChunk(job_id=self._job.id, n=n, sealed=seal(self._key, bytes(self._bytes), self._job.id, n)))
        self._bytes.clear()

    async def _progress(self, session: AsyncSession, **values: object) -> None:
        values |= {"rows_done": self._rows, "rows_total": max(self.total, self._rows), "due_at": now() + LEASE}
        if (await session.exec(_mine(self._job).values(**values))).rowcount == 0:
            raise PermanentError("taken_over")
        self._told_at = time.monotonic()


def _mine(job: ExportJob) -> Update:
    return update(ExportJob).where(col(ExportJob.id) == job.id, col(ExportJob.data_key) == job.data_key)
