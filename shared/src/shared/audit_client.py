"""What config-api asks audit over HTTP: whether somebody may try, and what the operator wants to know."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar
from uuid import UUID

import httpx2
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from shared.audit import Admission, After, Attempt, Entry, Filters, LegalHold, Lock, NewHold, Success
from shared.errors import PermanentError, TransientError

ADMISSION_SECONDS = 1.0
REQUEST_SECONDS = 30.0
# Below the time after which uvicorn closes an idle connection, so that none is used just then.
KEEP_ALIVE_SECONDS = 3.0

T = TypeVar("T")

_admission = TypeAdapter(Admission)
_entries = TypeAdapter(list[Entry])
_locks = TypeAdapter(list[Lock])
_hold = TypeAdapter(LegalHold)
_holds = TypeAdapter(list[LegalHold])


class Admissions(Protocol):
    """Who counts what is tried. Both raise TransientError while it is away."""

    async def admit(self, attempt: Attempt) -> Admission: ...

    async def succeeded(self, success: Success) -> None: ...


class AuditClient:
    """Every method raises TransientError (`audit_unavailable`), and PermanentError with audit's reason."""

    def __init__(self, base_url: str, token: SecretStr) -> None:
        self._http = httpx2.AsyncClient(
            base_url=f"{base_url.rstrip('/')}/internal/v1/audit",
            headers={"Authorization": f"Bearer {token.get_secret_value()}"},
            timeout=REQUEST_SECONDS,
            limits=httpx2.Limits(keepalive_expiry=KEEP_ALIVE_SECONDS),
        )

    async def admit(self, attempt: Attempt) -> Admission:
        """Counts the attempt. Answers within a second or not at all."""
        return await self._get(_admission, "POST", "/admit", attempt, timeout=ADMISSION_SECONDS)

    async def succeeded(self, success: Success) -> None:
        """Within a second or not at all."""
        await self._send("POST", "/succeeded", success, timeout=ADMISSION_SECONDS)

    async def entries(self, filters: Filters, after: After) -> Sequence[Entry]:
        """The newest first."""
        return await self._get(_entries, "GET", "/entries", filters, after)

    @asynccontextmanager
    async def csv(self, filters: Filters) -> AsyncGenerator[AsyncGenerator[bytes]]:
        """The entries as a stream of CSV (RFC 4180), the newest first."""
        try:
            async with self._http.stream("GET", "/entries.csv", params=_params(filters)) as response:
                if not response.is_success:
                    raise TransientError("audit_unavailable")
                yield response.aiter_bytes()
        except (httpx2.HTTPError, OSError):
            raise TransientError("audit_unavailable") from None

    async def locks(self, after: After) -> Sequence[Lock]:
        """Those that hold now, the first to end first."""
        return await self._get(_locks, "GET", "/locks", after)

    async def lift(self, lock_id: UUID) -> None:
        """Raises PermanentError (`lock_unknown`) too."""
        await self._send("DELETE", f"/locks/{lock_id}")

    async def holds(self, after: After) -> Sequence[LegalHold]:
        """The newest first."""
        return await self._get(_holds, "GET", "/holds", after)

    async def hold(self, hold: NewHold) -> LegalHold:
        """Raises PermanentError (`hold_exists`) too."""
        return await self._get(_hold, "POST", "/holds", hold)

    async def release(self, hold_id: UUID) -> None:
        """Raises PermanentError (`hold_unknown`) too."""
        await self._send("DELETE", f"/holds/{hold_id}")

    async def close(self) -> None:
        await self._http.aclose()

    async def _get(self, kind: TypeAdapter[T], method: str, path: str, *values: BaseModel, **options: Any) -> T:
        response = await self._send(method, path, *values, **options)
        try:
            return kind.validate_json(response.content)
        except ValidationError:
            raise TransientError("audit_unavailable") from None

    async def _send(self, method: str, path: str, *values: BaseModel, **options: Any) -> httpx2.Response:
        sent: dict[str, Any] = {"params": _params(*values)} if method == "GET" else {}
        if method == "POST":
            sent = {"content": values[0].model_dump_json(), "headers": {"Content-Type": "application/json"}}
        try:
            response = await self._http.request(method, path, **sent, **options)
        except (httpx2.HTTPError, OSError):
            raise TransientError("audit_unavailable") from None
        if response.is_success:
            return response
        raise _refusal(response)


def _params(*values: BaseModel) -> dict[str, Any]:
    """What is not empty."""
    together: dict[str, Any] = {}
    for value in values:
        together |= value.model_dump(mode="json")
    return {name: value for name, value in together.items() if value not in (None, "")}


def _refusal(response: httpx2.Response) -> TransientError | PermanentError:
    if response.status_code in (httpx2.codes.NOT_FOUND, httpx2.codes.CONFLICT):
        try:
            return PermanentError(str(response.json()["reason"]))
        except (ValueError, KeyError, TypeError):
            pass
    return TransientError("audit_unavailable")
