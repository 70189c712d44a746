from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from config_api.deps import SettingsDep, TenantSession
from config_api.models import Assistant
from config_api.overview import service
from config_api.overview.schemas import Overview
from config_api.records import find

router = APIRouter(prefix="/organisations/{organisation_id}/overview", tags=["overview"])


@router.get("")
async def get_overview(
    organisation_id: UUID,
    session: TenantSession,
    settings: SettingsDep,
    days: Annotated[int, Query(ge=1, le=366, description="Today and so many days before, less one")] = 30,
    assistant_id: Annotated[UUID | None, Query(description="Only this one's")] = None,
) -> Overview:
    """What came in, what became of it, how long that took, what it cost, and what the knowledge is good for."""
    if assistant_id is not None:
        await find(session, Assistant, assistant_id)
    scope = service.Scope.of(organisation_id, assistant_id, days)
    return await service.overview(session, scope, settings.model_prices)
