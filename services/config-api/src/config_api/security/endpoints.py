"""The security log, locks and legal holds, for whoever runs this installation."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import StreamingResponse

from config_api.deps import AuthSession, OperatorDep, require_operator
from config_api.records import Page, Paging, get_paging
from config_api.security import log, service
from config_api.security.schemas import Search
from shared.audit import Entry, Filters, LegalHold, Lock, NewHold
from shared.audit_client import AuditClient

router = APIRouter(prefix="/operator/audit", tags=["audit"], dependencies=[Depends(require_operator)])

CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


async def get_audit(request: Request) -> AuditClient:
    return request.app.state.audit


AuditDep = Annotated[AuditClient, Depends(get_audit)]
PagingDep = Annotated[Paging, Depends(get_paging)]


@router.get("/entries")
async def search_security_log(audit: AuditDep, search: Annotated[Search, Query()]) -> Page[Entry]:
    """The newest first. Addresses are kept for a day, names for a week, and longer under a legal hold."""
    return await service.entries(audit, search, search.paging())


@router.get("/entries.csv", responses=CSV, response_class=StreamingResponse)
async def export_security_log(
    audit: AuditDep,
    filters: Annotated[Filters, Query()],
    caller: OperatorDep,
    request: Request,
    session: AuthSession,
) -> StreamingResponse:
    """All that the search finds, as CSV; that it was exported is logged too."""
    pieces = await service.csv(audit, filters)
    await log.record(session, request, "audit.exported", actor=caller)
    headers = {"Content-Disposition": 'attachment; filename="security-log.csv"'}
    return StreamingResponse(pieces, media_type="text/csv", headers=headers)


@router.get("/locks")
async def list_locks(audit: AuditDep, paging: PagingDep) -> Page[Lock]:
    """Names and addresses that are locked now, the first to be free again first."""
    return await service.locks(audit, paging)


@router.delete("/locks/{lock_id}", status_code=204)
async def lift_lock(
    lock_id: UUID, audit: AuditDep, caller: OperatorDep, request: Request, session: AuthSession
) -> None:
    """Frees the name or the address at once, and forgets its failures."""
    await log.record(session, request, "lock.lifted", actor=caller, subject=str(lock_id))
    await service.lift(audit, lock_id)


@router.get("/legal-holds")
async def list_legal_holds(audit: AuditDep, paging: PagingDep) -> Page[LegalHold]:
    """All that there ever were, the newest first."""
    return await service.holds(audit, paging)


@router.post("/legal-holds", status_code=201)
async def create_legal_hold(
    data: NewHold, audit: AuditDep, caller: OperatorDep, request: Request, session: AuthSession
) -> LegalHold:
    """What fits keeps its address and name until the hold is released."""
    made = await service.hold(audit, data)
    await log.record(session, request, "legal_hold.created", actor=caller, subject=str(made.id))
    return made


@router.delete("/legal-holds/{hold_id}", status_code=204)
async def release_legal_hold(
    hold_id: UUID, audit: AuditDep, caller: OperatorDep, request: Request, session: AuthSession
) -> None:
    """What is older than a day or a week then loses its address or name within the hour."""
    await log.record(session, request, "legal_hold.released", actor=caller, subject=str(hold_id))
    await service.release(audit, hold_id)
