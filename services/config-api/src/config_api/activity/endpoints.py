from typing import Annotated

from fastapi import APIRouter, Depends

from config_api.activity import service
from config_api.activity.schemas import SettledMessagePublic
from config_api.deps import TenantSession
from config_api.records import Page, Paging, get_paging

router = APIRouter(prefix="/organisations/{organisation_id}/activity", tags=["activity"])


@router.get("")
async def list_activity(
    session: TenantSession, paging: Annotated[Paging, Depends(get_paging)]
) -> Page[SettledMessagePublic]:
    """What became of the organisation's messages, newest first."""
    rows, cursor = await service.newest(session, paging)
    return Page(items=[SettledMessagePublic.model_validate(row) for row in rows], next_cursor=cursor)
