from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import select

from config_api.deps import NO_KEYS, OWNERS, DatabaseDep, MasterKeysDep, PrincipalDep, TenantSession
from config_api.models import Organisation
from config_api.organisations import service
from config_api.organisations.schemas import OrganisationCreate, OrganisationPublic, OrganisationUpdate
from config_api.privacy import erasure
from config_api.records import Page, Paging, find, get_paging, list_page
from config_api.security import log as security

router = APIRouter(prefix="/organisations", tags=["organisations"])


@router.get("")
async def list_organisations(
    caller: PrincipalDep, database: DatabaseDep, paging: Annotated[Paging, Depends(get_paging)]
) -> Page[OrganisationPublic]:
    """The caller's organisations, oldest first; all of them for the operator."""
    async with service.visible_to(caller, database) as session:
        rows, cursor = await list_page(session, select(Organisation), Organisation, paging)
    return Page(items=[OrganisationPublic.of(row, caller) for row in rows], next_cursor=cursor)


@router.post("", status_code=201, dependencies=[NO_KEYS])
async def create_organisation(
    data: OrganisationCreate, caller: PrincipalDep, database: DatabaseDep
) -> OrganisationPublic:
    """Adds an organisation; the person who does is its owner."""
    organisation_id = uuid4()
    async with database.tenant(organisation_id) as session:
        organisation = await service.create(session, organisation_id, data, caller)
    return OrganisationPublic.of(organisation, caller)


@router.get("/{organisation_id}")
async def get_organisation(organisation_id: UUID, caller: PrincipalDep, session: TenantSession) -> OrganisationPublic:
    """One organisation."""
    return OrganisationPublic.of(await find(session, Organisation, organisation_id), caller)


@router.patch("/{organisation_id}", dependencies=[OWNERS])
async def update_organisation(
    organisation_id: UUID, data: OrganisationUpdate, caller: PrincipalDep, session: TenantSession
) -> OrganisationPublic:
    """Changes, pauses or resumes an organisation; what is left out stays as it is."""
    return OrganisationPublic.of(await service.modify(session, organisation_id, data), caller)


@router.delete(
    "/{organisation_id}",
    status_code=204,
    dependencies=[OWNERS],
    responses={202: {"model": OrganisationPublic, "description": "Everything will be erased at `erase_at`"}},
)
async def delete_organisation(
    organisation_id: UUID,
    request: Request,
    caller: PrincipalDep,
    session: TenantSession,
    master_keys: MasterKeysDep,
) -> Response:
    """Erases an organisation everywhere: for the operator at once, for an owner after 7 days in which nothing is done
    for it and it can be taken back.
    """
    await security.record(
        session,
        request,
        "organisation.deleted",
        actor=caller,
        organisation_id=organisation_id,
        subject=str(organisation_id),
    )
    if caller.operator:
        await erasure.at_once(session, organisation_id, master_keys)
        return Response(status_code=204)
    scheduled = OrganisationPublic.of(await erasure.schedule(session, organisation_id), caller)
    return Response(scheduled.model_dump_json(), 202, media_type="application/json")
