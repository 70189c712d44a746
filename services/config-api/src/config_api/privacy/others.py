"""What the other services keep of an organisation or a person, asked of them in pages."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx2
from pydantic import TypeAdapter, ValidationError

from config_api.privacy.archive import Rows
from config_api.settings import Settings
from shared.audit import After, Filters
from shared.audit_client import AuditClient
from shared.errors import TransientError

PAGE = 500
REQUEST_SECONDS = 30.0
# An organisation is not told from where and under which name its members have logged in.
PERSONAL = {"address", "user_name"}

_page = TypeAdapter(list[dict[str, Any]])


class OtherServices:
    """Every method raises TransientError (`ingest_unavailable`, `audit_unavailable`)."""

    def __init__(self, settings: Settings, audit: AuditClient) -> None:
        self._audit = audit
        self._ingest = httpx2.AsyncClient(
            base_url=f"{settings.ingest_url.rstrip('/')}/internal/v1",
            headers={"Authorization": f"Bearer {settings.service_token.get_secret_value()}"},
            timeout=REQUEST_SECONDS,
        )

    async def ledger(self, organisation_id: UUID) -> AsyncIterator[Rows]:
        """The organisation's messages: ids, states, reasons and times."""
        after = UUID(int=0)
        while page := await self._messages(organisation_id, after):
            yield page
            after = UUID(page[-1]["id"])

    async def log_of_organisation(self, organisation_id: UUID) -> AsyncIterator[Rows]:
        async for entries in self._entries(Filters(organisation_id=organisation_id)):
            yield [entry.model_dump(exclude=PERSONAL) for entry in entries]

    async def log_of_person(self, account_id: UUID) -> AsyncIterator[Rows]:
        """What the person did."""
        async for entries in self._entries(Filters(actor=str(account_id))):
            yield [entry.model_dump() for entry in entries]

    async def close(self) -> None:
        await self._ingest.aclose()

    async def _entries(self, filters: Filters):
        after = After(limit=PAGE)
        while page := await self._audit.entries(filters, after):
            yield page
            after = After(limit=PAGE, moment=page[-1].occurred_at, last_id=page[-1].id)

    async def _messages(self, organisation_id: UUID, after: UUID) -> list[dict[str, Any]]:
        try:
            response = await self._ingest.get(f"/ledger/{organisation_id}", params={"after": str(after), "limit": PAGE})
            return _page.validate_json(response.raise_for_status().content)
        except (httpx2.HTTPError, OSError, ValidationError):
            raise TransientError("ingest_unavailable") from None
