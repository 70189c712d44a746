"""The services' own API. Here, and nowhere else, secrets are written out; it is not for the internet."""

from collections.abc import Sequence
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field, SecretStr
from pydantic_core import to_json
from starlette.responses import Response

from config_api.activity.service import settlement
from config_api.deps import DatabaseDep
from config_api.internal.service import Snapshots
from config_api.keys.service import ContentKeys
from config_api.oauth.access import Access
from shared.config import AccessToken, ConfigDelta, ContentKey, KnowledgeSnapshot, Settlement

router = APIRouter()


class Refused(BaseModel):
    """The SHA-256, in hexadecimal, of a token that the provider does not take; empty where there is none."""

    refused: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


@router.get("/config", response_model=ConfigDelta)
async def get_config(request: Request, since: Annotated[int, Query(ge=0)] = 0) -> Response:
    """What changed after revision `since`, with the mailboxes' passwords."""
    snapshots: Snapshots = request.app.state.snapshots
    return _with_secrets(await snapshots.changes(since))


@router.get("/assistants/{assistant_id}/knowledge")
async def get_knowledge_snapshot(assistant_id: UUID, request: Request) -> KnowledgeSnapshot:
    """An assistant's whole knowledge at one revision."""
    snapshots: Snapshots = request.app.state.snapshots
    return await snapshots.knowledge(assistant_id)


@router.get("/content-keys", response_model=list[ContentKey])
async def get_content_keys(request: Request) -> Response:
    """The keys that seal and open content now, and for the coming day."""
    content_keys: ContentKeys = request.app.state.content_keys
    return _with_secrets(await content_keys.usable())


@router.post("/mailboxes/{mailbox_id}/access-token", response_model=AccessToken)
async def get_access_token(mailbox_id: UUID, data: Refused, request: Request) -> Response:
    """A token for the mailbox's provider; 409 where the grant is no more, 503 where that cannot be told just now."""
    access: Access = request.app.state.access
    return _with_secrets(await access.get(mailbox_id, data.refused))


@router.get("/messages/{message_id}/{generation}")
async def get_settlement(
    message_id: UUID, generation: Annotated[int, Path(ge=0, lt=2**31)], database: DatabaseDep
) -> Settlement:
    """How a message ended; `outcome` is null as long as it has not."""
    async with database.service() as session:
        return await settlement(session, message_id, generation)


def _with_secrets(value: BaseModel | Sequence[BaseModel]) -> Response:
    plain = [item.model_dump() for item in value] if isinstance(value, Sequence) else value.model_dump()
    return Response(to_json(_revealed(plain)), media_type="application/json")


def _revealed(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {name: _revealed(item) for name, item in cast(dict[str, Any], value).items()}
    if isinstance(value, list | tuple):
        return [_revealed(item) for item in cast(Sequence[Any], value)]
    return value
