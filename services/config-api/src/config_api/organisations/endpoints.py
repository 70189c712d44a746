from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends
from sqlmodel import select

from config_api.deps import OWNERS, DatabaseDep, PrincipalDep, TenantSession
from config_api.models import Organisation
from config_api.organisations import service
from config_api.organisations.schemas import OrganisationCreate, OrganisationPublic, OrganisationUpdate
from config_api.problems import Forbidden
from config_api.records import Page, Paging, find, get_paging, list_page

router = APIRouter(prefix="/organisations", tags=["organisations"])


@router.get("")
async def list_organisations(
    caller: PrincipalDep, database: DatabaseDep, paging: Annotated[Paging, Depends(get_paging)]
) -> Page[OrganisationPublic]:
    """The caller's organisations, oldest first; all of them for the operator."""
    async with service.visible_to(caller, database) as session:
        rows, cursor = await list_page(session, select(Organisation), Organisation, paging)
    return Page(items=[OrganisationPublic.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("", status_code=201)
async def create_organisation(
    data: OrganisationCreate, caller: PrincipalDep, database: DatabaseDep
) -> OrganisationPublic:
    """Adds an organisation; the person who does is its owner."""
    if caller.organisation_id is not None:
        raise Forbidden("people_only")
    organisation_id = uuid4()
    async with database.tenant(organisation_id) as session:
        organisation = await service.create(session, organisation_id, data, owner=caller.account_id)
    return OrganisationPublic.model_validate(organisation)


@router.get("/{organisation_id}")
async def get_organisation(organisation_id: UUID, session: TenantSession) -> OrganisationPublic:
    """One organisation."""
    return OrganisationPublic.model_validate(await find(session, Organisation, organisation_id))


@router.patch("/{organisation_id}", dependencies=[OWNERS])
async def update_organisation(
    organisation_id: UUID, data: OrganisationUpdate, session: TenantSession
) -> OrganisationPublic:
    """Renames, pauses or resumes an organisation; what is left out stays as it is."""
    return OrganisationPublic.model_validate(await service.modify(session, organisation_id, data))


@router.delete("/{organisation_id}", status_code=204, dependencies=[OWNERS])
async def delete_organisation(organisation_id: UUID, session: TenantSession) -> None:
    """Deletes an organisation with its assistants, mailboxes, credentials and knowledge."""
    await service.delete(session, organisation_id)
