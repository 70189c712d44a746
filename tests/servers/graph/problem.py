"""Errors as Graph words them (https://learn.microsoft.com/graph/errors)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4

from starlette.responses import JSONResponse


class Problem(Exception):
    """Raised by what answers a request; becomes its answer."""

    def __init__(self, status: int, code: str, message: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.headers = status, code, message or f"It is {code}.", headers

    def response(self) -> JSONResponse:
        now, request_id = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"), str(uuid4())
        inner = {"date": now, "request-id": request_id, "client-request-id": request_id}
        error = {"code": self.code, "message": self.message, "innerError": inner}
        return JSONResponse({"error": error}, self.status, dict(self.headers or {}))


def not_found() -> Problem:
    return Problem(404, "ErrorItemNotFound", "The specified object was not found in the store.")
