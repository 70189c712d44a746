from uuid import UUID

from fastapi import APIRouter

from config_api.api_keys import service
from config_api.api_keys.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyPublic
from config_api.deps import OWNERS, TenantSession
from config_api.security.trail import TrailDep

router = APIRouter(prefix="/organisations/{organisation_id}/api-keys", tags=["API keys"], dependencies=[OWNERS])


@router.get("")
async def list_api_keys(session: TenantSession) -> list[ApiKeyPublic]:
    """The organisation's keys, oldest first; there are never more than 100."""
    return await service.list_keys(session)


@router.post("", status_code=201)
async def create_api_key(
    organisation_id: UUID, data: ApiKeyCreate, session: TenantSession, trail: TrailDep
) -> ApiKeyCreated:
    """Makes a key, which is shown this once."""
    key = await service.create(session, organisation_id, data)
    await trail.record(session, "api_key.created", key.id)
    return key


@router.delete("/{key_id}", status_code=204)
async def revoke_api_key(key_id: UUID, session: TenantSession, trail: TrailDep) -> None:
    """Revokes a key at once."""
    await service.revoke(session, key_id)
    await trail.record(session, "api_key.revoked", key_id)
