"""API keys: how programs work for one organisation. A key may do what a member may, but for people and keys."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config_api.api_keys.models import ApiKey
from config_api.api_keys.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyPublic
from config_api.models import now
from config_api.problems import Conflict, Fault, Invalid, NotFound
from config_api.tokens import new_token

PREFIX = "kin_"
SHOWN = len(PREFIX) + 6
LONGEST = timedelta(days=3660)
MOST = 100


async def create(session: AsyncSession, organisation_id: UUID, data: ApiKeyCreate) -> ApiKeyCreated:
    """Raises Invalid (`expiry_not_valid`: over already, or more than ten years away), Conflict (`too_many_keys`)."""
    if data.expires_at is not None and not now() < data.expires_at < now() + LONGEST:
        raise Invalid("expiry_not_valid", [Fault(field="body.expires_at", reason="expiry_not_valid")])
    if (await session.exec(select(func.count()).select_from(ApiKey))).one() >= MOST:
        raise Conflict("too_many_keys")
    token, kept = new_token(PREFIX)
    key = ApiKey(
        organisation_id=organisation_id,
        name=data.name,
        start=token[:SHOWN],
        token_digest=kept,
        scopes=sorted(set(data.scopes)),
        expires_at=data.expires_at,
    )
    session.add(key)
    await session.flush()
    return ApiKeyCreated.model_validate(key.model_dump() | {"key": token})


async def list_keys(session: AsyncSession) -> list[ApiKeyPublic]:
    """Oldest first."""
    rows = await session.exec(select(ApiKey).order_by(col(ApiKey.created_at), col(ApiKey.id)))
    return [ApiKeyPublic.model_validate(row) for row in rows]


async def revoke(session: AsyncSession, key_id: UUID) -> None:
    """Raises NotFound (`api_key_unknown`)."""
    gone = await session.exec(delete(ApiKey).where(col(ApiKey.id) == key_id))
    if gone.rowcount == 0:
        raise NotFound("api_key_unknown")
