"""The rights of the GDPR: export (articles 15 and 20), erasure (17) and restriction (18)."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import StreamingResponse

from config_api.deps import (
    OWNERS,
    AccountId,
    AccountSession,
    DatabaseDep,
    MasterKeysDep,
    PrincipalDep,
    TenantSession,
)
from config_api.organisations.schemas import OrganisationPublic
from config_api.principal import Principal
from config_api.privacy import erasure, jobs, restriction
from config_api.privacy.models import ExportJob
from config_api.privacy.schemas import ExportPublic, RestrictionPublic
from config_api.security import log as security

router = APIRouter(tags=["privacy"])

ORGANISATION = "/organisations/{organisation_id}"
ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post("/account/export", status_code=202)
async def export_account(request: Request, account_id: AccountId, session: AccountSession) -> ExportPublic:
    """Collects everything that is held about the person; a mail says when it is ready."""
    job = await jobs.request(session, account_id=account_id, by=account_id)
    await security.record(session, request, "export.requested", actor=str(account_id), subject=str(account_id))
    return ExportPublic.model_validate(job)


@router.get("/account/export/{job_id}")
async def get_account_export(job_id: UUID, account_id: AccountId, session: AccountSession) -> ExportPublic:
    """How far an export is."""
    return ExportPublic.model_validate(await jobs.find(session, job_id, account_id=account_id))


@router.get("/account/export/{job_id}/download", responses=ZIP, response_class=StreamingResponse)
async def download_account_export(
    job_id: UUID,
    request: Request,
    account_id: AccountId,
    session: AccountSession,
    database: DatabaseDep,
    master_keys: MasterKeysDep,
) -> StreamingResponse:
    """The archive: a ZIP with a README and a file of JSON per kind of data. It is kept for 7 days."""
    job = await jobs.find(session, job_id, account_id=account_id)
    key = jobs.opened(job, master_keys)
    await security.record(session, request, "export.downloaded", actor=str(account_id), subject=str(job_id))
    return _zip(jobs.pieces(database, job, key), job)


@router.put("/account/restriction")
async def restrict_account(request: Request, account_id: AccountId, session: AccountSession) -> RestrictionPublic:
    """Restricts the processing of the person's data: all that is left to do is to see to the own account."""
    account = await restriction.restrict_person(session, account_id, on=True)
    await security.record(session, request, "account.restricted", actor=str(account_id), subject=str(account_id))
    return RestrictionPublic.model_validate(account)


@router.delete("/account/restriction")
async def lift_account_restriction(
    request: Request, account_id: AccountId, session: AccountSession
) -> RestrictionPublic:
    """Lifts the restriction."""
    account = await restriction.restrict_person(session, account_id, on=False)
    await security.record(session, request, "account.unrestricted", actor=str(account_id), subject=str(account_id))
    return RestrictionPublic.model_validate(account)


@router.post(f"{ORGANISATION}/export", status_code=202, dependencies=[OWNERS])
async def export_organisation(
    request: Request, organisation_id: UUID, caller: PrincipalDep, session: TenantSession
) -> ExportPublic:
    """Collects everything that is held of the organisation; a mail says when it is ready."""
    job = await jobs.request(session, organisation_id=organisation_id, by=caller.account_id)
    await _record(session, request, "export.requested", caller, organisation_id)
    return ExportPublic.model_validate(job)


@router.get(f"{ORGANISATION}/export/{{job_id}}", dependencies=[OWNERS])
async def get_organisation_export(job_id: UUID, organisation_id: UUID, session: TenantSession) -> ExportPublic:
    """How far an export is."""
    return ExportPublic.model_validate(await jobs.find(session, job_id, organisation_id=organisation_id))


@router.get(
    f"{ORGANISATION}/export/{{job_id}}/download",
    responses=ZIP,
    response_class=StreamingResponse,
    dependencies=[OWNERS],
)
async def download_organisation_export(
    job_id: UUID,
    request: Request,
    organisation_id: UUID,
    caller: PrincipalDep,
    session: TenantSession,
    database: DatabaseDep,
    master_keys: MasterKeysDep,
) -> StreamingResponse:
    """The archive: a ZIP with a README and a file of JSON per kind of data. It is kept for 7 days."""
    job = await jobs.find(session, job_id, organisation_id=organisation_id)
    key = jobs.opened(job, master_keys)
    await _record(session, request, "export.downloaded", caller, organisation_id)
    return _zip(jobs.pieces(database, job, key), job)


@router.put(f"{ORGANISATION}/restriction", dependencies=[OWNERS])
async def restrict_organisation(
    request: Request, organisation_id: UUID, caller: PrincipalDep, session: TenantSession
) -> OrganisationPublic:
    """Stops all processing; the data stays."""
    await _record(session, request, "organisation.restricted", caller, organisation_id)
    return OrganisationPublic.of(await restriction.restrict(session, organisation_id, on=True), caller)


@router.delete(f"{ORGANISATION}/restriction", dependencies=[OWNERS])
async def lift_organisation_restriction(
    request: Request, organisation_id: UUID, caller: PrincipalDep, session: TenantSession
) -> OrganisationPublic:
    """Lifts the restriction; what has arrived meanwhile gets no draft."""
    await _record(session, request, "organisation.unrestricted", caller, organisation_id)
    return OrganisationPublic.of(await restriction.restrict(session, organisation_id, on=False), caller)


@router.delete(f"{ORGANISATION}/erasure", dependencies=[OWNERS])
async def undo_deletion(
    request: Request, organisation_id: UUID, caller: PrincipalDep, session: TenantSession
) -> OrganisationPublic:
    """Takes back the deletion of an organisation, within the 7 days before it is erased."""
    await _record(session, request, "organisation.kept", caller, organisation_id)
    return OrganisationPublic.of(await erasure.undo(session, organisation_id), caller)


async def _record(
    session: AsyncSession, request: Request, action: str, caller: Principal, organisation_id: UUID
) -> None:
    subject = str(organisation_id)
    await security.record(session, request, action, actor=caller, organisation_id=organisation_id, subject=subject)


def _zip(pieces: AsyncIterator[bytes], job: ExportJob) -> StreamingResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="kinamik-{job.created_at:%Y-%m-%d}.zip"',
        "Content-Length": str(job.size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)
