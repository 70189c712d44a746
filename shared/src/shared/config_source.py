"""config-api's internal API, as the other services ask it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

import httpx2
from pydantic import SecretStr, TypeAdapter, ValidationError

from shared.config import AccessToken, ConfigDelta, ContentKey, KnowledgeSnapshot, Settlement
from shared.errors import AuthError, TransientError

REQUEST_SECONDS = 5.0
# config-api may have to ask the provider, and to wait for its turn.
TOKEN_SECONDS = 25.0
# Below the time after which uvicorn closes an idle connection, so that none is used just then.
KEEP_ALIVE_SECONDS = 3.0

T = TypeVar("T")

_access_token = TypeAdapter(AccessToken)
_content_keys = TypeAdapter(list[ContentKey])
_delta = TypeAdapter(ConfigDelta)
_snapshot = TypeAdapter(KnowledgeSnapshot)
_settlement = TypeAdapter(Settlement)


class ConfigSource:
    """Every method raises TransientError (`config_api_unavailable`, `config_api_refused`)."""

    def __init__(self, base_url: str, token: SecretStr) -> None:
        self._http = httpx2.AsyncClient(
            base_url=f"{base_url.rstrip('/')}/internal/v1",
            headers={"Authorization": f"Bearer {token.get_secret_value()}"},
            timeout=REQUEST_SECONDS,
            limits=httpx2.Limits(keepalive_expiry=KEEP_ALIVE_SECONDS),
        )

    async def delta(self, since: int) -> ConfigDelta:
        return await self._get("/config", _delta, since=since)

    async def knowledge(self, assistant_id: UUID) -> KnowledgeSnapshot:
        return await self._get(f"/assistants/{assistant_id}/knowledge", _snapshot)

    async def settlement(self, message_id: UUID, generation: int) -> Settlement:
        return await self._get(f"/messages/{message_id}/{generation}", _settlement)

    async def content_keys(self) -> Sequence[ContentKey]:
        return await self._get("/content-keys", _content_keys)

    async def access_token(self, mailbox_id: UUID, refused: str) -> AccessToken:
        """Raises AuthError (`access_revoked`) as well."""
        path = f"/mailboxes/{mailbox_id}/access-token"
        try:
            response = await self._http.post(path, json={"refused": refused}, timeout=TOKEN_SECONDS)
        except (httpx2.HTTPError, OSError):
            raise TransientError("config_api_unavailable") from None
        if response.status_code in (HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND):
            raise AuthError("access_revoked")
        return _parsed(response, _access_token)

    async def close(self) -> None:
        await self._http.aclose()

    async def _get(self, path: str, kind: TypeAdapter[T], **query: int) -> T:
        try:
            response = await self._http.get(path, params=query)
        except (httpx2.HTTPError, OSError):
            raise TransientError("config_api_unavailable") from None
        return _parsed(response, kind)


def _parsed(response: httpx2.Response, kind: TypeAdapter[T]) -> T:
    if response.is_server_error:
        raise TransientError("config_api_unavailable")
    try:
        return kind.validate_json(response.raise_for_status().content)
    except (httpx2.HTTPStatusError, ValidationError):
        raise TransientError("config_api_refused") from None
